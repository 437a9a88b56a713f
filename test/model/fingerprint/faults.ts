import type { BuilderShape } from '../../../src/knex/client-shape.ts'
import { Fingerprinter } from '../../../src/knex/fingerprint/fingerprinter.ts'
import type { FallbackReason, Shape } from '../../../src/knex/fingerprint/fingerprinter.ts'
import type { Subject } from './campaign.ts'
import { copyWith } from './copy.ts'
import type { Fields } from './copy.ts'

/** What a fault does: shows the fingerprinter less than the builder says, or forgets some of what it tells. */
interface Fault {
  /** One call on the builder, as the fingerprinter sees it. */
  readonly statement?: (fields: Fields) => Fields
  /** What the builder says once. */
  readonly single?: (fields: Fields) => Fields
  readonly builder?: (fields: Fields) => Fields
  readonly values?: (text: string, bindings: readonly unknown[]) => string
}

const forget =
  (name: string, instead: unknown) =>
  (fields: Fields): Fields =>
    name in fields ? { ...fields, [name]: instead } : fields

const isName = (value: unknown): value is string => typeof value === 'string'

/** Mistakes that a fingerprinter could make; each has to be found. */
export const faults: Readonly<Record<string, Fault>> = {
  'or is and': { statement: forget('bool', 'and') },
  'not is nothing': { statement: forget('not', false) },
  'distinct is nothing': { statement: forget('distinct', undefined) },
  'distinct in aggregates is nothing': { statement: forget('aggregateDistinct', false) },
  'columns are values': { statement: forget('asColumn', false) },
  'all directions are one': { statement: forget('direction', undefined) },
  'nulls are anywhere': { statement: forget('nulls', undefined) },
  'unions are not wrapped': { statement: forget('wrap', false) },
  'all unions are one': {
    statement: (it) => (it['grouping'] === 'union' ? { ...it, clause: 'union' } : it),
  },
  'names of a list flow together': {
    statement: (it) => {
      const { grouping, value } = it
      const flows = grouping === 'columns' && Array.isArray(value) && value.every(isName)
      return flows ? { ...it, value: [value.join()] } : it
    },
  },
  'the kind of a condition is nothing': {
    statement: (it) => (it['type'] === 'whereILike' ? { ...it, type: 'whereLike' } : it),
  },
  'operators are one': {
    statement: (it) => (isName(it['operator']) ? { ...it, operator: '=' } : it),
  },
  'the schema is nothing': { single: forget('schema', undefined) },
  'only is nothing': { single: forget('only', false) },
  'no offset': { single: forget('offset', undefined) },
  'limits are bindings': { single: forget('skipBinding', {}) },
  'first is select': {
    builder: (it) => (it['_method'] === 'first' ? { ...it, _method: 'select' } : it),
  },
  'options are nothing': { builder: forget('_options', undefined) },
  'no time limit': { builder: forget('_timeout', undefined) },
  'comments are nothing': { builder: forget('_comments', []) },
  'types of values are nothing': { values: (_, bindings) => bindings.map(String).join(';') },
  'values have no lengths': { values: (text) => text.replace(/s\d+:/g, '').replace(/;/g, '') },
  'minus zero is zero': { values: (text) => text.replaceAll('-0;', '0;') },
}

/** A fingerprinter that makes a mistake. */
export class FaultySubject implements Subject {
  readonly #sound = new Fingerprinter<unknown>({ maxNodes: 2 ** 24, maxNameLength: 2 ** 28 })
  readonly #fault: Fault

  constructor(fault: Fault) {
    this.#fault = fault
  }

  take(builder: BuilderShape): Shape<unknown> | undefined {
    return this.#sound.take(builder.isRawInstance === true ? builder : this.#shown(builder))
  }

  get reason(): FallbackReason {
    return this.#sound.reason
  }

  get values(): string {
    const { values, bindings } = this.#sound
    return this.#fault.values?.(values, bindings) ?? values
  }

  get bindings(): readonly unknown[] {
    return this.#sound.bindings
  }

  /** The builder as the mistake sees it; the builder itself stays as it is. */
  #shown(builder: BuilderShape): BuilderShape {
    const { statement, single, builder: whole } = this.#fault
    const fields = builder as unknown as Fields
    const statements = fields['_statements'] as readonly Fields[]
    return copyWith(fields, {
      ...whole?.(fields),
      _single: single?.(fields['_single'] as Fields) ?? fields['_single'],
      _statements: statement
        ? statements.map((it) => copyWith(it, { ...statement(it) }))
        : statements,
    }) as unknown as BuilderShape
  }
}

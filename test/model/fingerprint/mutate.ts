import type { BuilderShape } from '../../../src/knex/client-shape.ts'
import type { Seeded } from '../../support/seed.ts'
import { copyWith } from './copy.ts'
import type { Fields } from './copy.ts'

/** How many values of one field are remembered. */
const remembered = 24

/** What can stand in a field of the builder itself. */
const settings: Readonly<Record<string, readonly unknown[]>> = {
  table: ['t', 'u', 't as x', 's.t', undefined],
  only: [true, false],
  schema: ['s', 'z', undefined, ''],
  as: ['a', 'b', undefined],
  limit: [0, 1, 2, undefined],
  offset: [0, 1, 2, undefined],
  pluck: ['a', 'b', 't.a'],
  skipBinding: [{ limit: true }, { offset: true }, { limit: true, offset: true }, {}],
}

/**
 * Changes a builder behind its methods: one field of one call, whatever Knex has noted there, or the calls themselves. This
 * finds what a fingerprint leaves out: the two builders differ in nothing else.
 */
export class Mutator {
  readonly #seeded: Seeded
  readonly #seen = new Map<string, unknown[]>()

  constructor(seeded: Seeded) {
    this.#seeded = seeded
  }

  /** A builder like this one but for one thing. */
  mutant(builder: BuilderShape): BuilderShape {
    const fields = builder as unknown as Fields
    const statements = fields['_statements'] as readonly Fields[]
    for (const statement of statements) this.#remember(statement)
    return copyWith(builder, this.#change(fields, statements))
  }

  #change(fields: Fields, statements: readonly Fields[]): Fields {
    const { int, pick } = this.#seeded
    if (statements.length === 0 || int(5) === 0) {
      if (int(6) === 0) return { _method: pick(['select', 'first', 'pluck']) }
      const name = pick(Object.keys(settings))
      const single = fields['_single'] as Fields
      return { _single: { ...single, [name]: pick(settings[name] ?? [undefined]) } }
    }
    const at = int(statements.length)
    const statement = statements[at] as Fields
    switch (int(12)) {
      case 0:
        return { _statements: statements.toSpliced(at, 1) }
      case 1:
        return { _statements: statements.toSpliced(int(statements.length), 0, statement) }
      default:
        return { _statements: statements.with(at, this.#changed(statement)) }
    }
  }

  #changed(statement: Fields): Fields {
    const { int, pick } = this.#seeded
    const clauses = statement['clauses']
    if (Array.isArray(clauses) && clauses.length > 0 && int(2) === 0) {
      const at = int(clauses.length)
      const clause = this.#changed(clauses[at] as Fields)
      return copyWith(statement, { clauses: clauses.with(at, clause) })
    }
    const name = pick(Object.keys(statement).filter((key) => key !== 'grouping' && key !== 'and'))
    return copyWith(statement, { [name]: this.#other(statement, name) })
  }

  /** What a field could hold instead. */
  #other(statement: Fields, name: string): unknown {
    const { int, pick } = this.#seeded
    const value = statement[name]
    if (typeof value === 'boolean') return !value
    if (Array.isArray(value) && int(3) > 0) return this.#otherList(value)
    if (isBuilder(value) && int(3) > 0) return this.mutant(value)
    if (name === 'value' && isPrimitive(value) && int(2) === 0) return pick(alike(value))
    return pick([undefined, ...(this.#seen.get(placeOf(statement, name)) ?? [])])
  }

  #otherList(list: readonly unknown[]): unknown[] {
    const { int, pick } = this.#seeded
    const at = int(list.length + 1)
    switch (int(5)) {
      case 0:
        return list.toSpliced(at, 1)
      case 1:
        return list.toSpliced(at, 0, pick(['a', 1, '1', ...list]))
      case 2:
        return list.length < 2 ? [list] : [[...list]]
      case 3:
        return [list.filter(isPrimitive).join(',')]
      default:
        return list.toReversed()
    }
  }

  #remember(statement: Fields): void {
    for (const [name, value] of Object.entries(statement)) {
      const place = placeOf(statement, name)
      const values = this.#seen.get(place) ?? []
      this.#seen.set(place, values)
      // Like ones count once, so that rare ones are drawn too.
      if (isPrimitive(value) ? values.includes(value) : this.#seeded.int(4) > 0) continue
      if (values.length < remembered) values.push(value)
      else values[this.#seeded.int(remembered)] = value
    }
  }
}

/** Values of one field of one kind of call can stand for each other. */
function placeOf(statement: Fields, name: string): string {
  return `${String(statement['grouping'])}.${name}`
}

/** Values that a text may confuse with this one. */
function alike(value: unknown): readonly unknown[] {
  if (typeof value !== 'number') return [String(value), Number(value), [value], value === 'true']
  return [String(value), -value, value === 1, Number.isInteger(value) ? BigInt(value) : 1n]
}

function isPrimitive(value: unknown): boolean {
  return typeof value !== 'function' && (typeof value !== 'object' || value === null)
}

function isBuilder(value: unknown): value is BuilderShape {
  return typeof value === 'object' && value !== null && '_statements' in value
}

import type { BuilderShape } from './client-shape.ts'

/** A function in a query: it is given a builder, or a join, which is its `this` too. */
type QueryFunction = (this: object, given: object) => unknown

/**
 * A copy of a builder in which every function says the same each time: the first call is the user's, all others repeat what it said. So what is
 * told of the copy is true of the SQL that it compiles to, whatever the user's functions would say the next time.
 *
 * Builders and raw statements within it are copied too, as far as functions are in them; everything else is shared.
 */
export function settledBuilder(builder: BuilderShape): BuilderShape {
  return new Settling(Object.getPrototypeOf(builder) as object).builder(builder) as BuilderShape
}

class Settling {
  readonly #builderPrototype: object
  /** By the original, so that what stands in several places, or within itself, is copied once. */
  readonly #copies = new Map<object, object>()

  constructor(builderPrototype: object) {
    this.#builderPrototype = builderPrototype
  }

  builder(original: object): object {
    const known = this.#copies.get(original)
    if (known !== undefined) return known
    const copy = likeness(original) as { _statements?: unknown; _single?: unknown }
    this.#copies.set(original, copy)
    this.#settleFields(copy)
    return copy
  }

  /** Settles what a builder has noted, in place. */
  #settleFields(builder: { _statements?: unknown; _single?: unknown }): void {
    const { _statements: statements, _single: single } = builder
    if (Array.isArray(statements)) {
      builder._statements = statements.map((statement: unknown) => this.#fields(statement))
    }
    builder._single = this.#fields(single)
  }

  /** A statement, or the settings of a builder, with each field settled. */
  #fields(fields: unknown): unknown {
    if (typeof fields !== 'object' || fields === null) return fields
    const copy = likeness(fields) as Record<string, unknown>
    for (const [name, value] of Object.entries(fields)) {
      if (name !== 'clauses' || !isJoin(fields)) copy[name] = this.#value(value)
    }
    if (isJoin(fields)) copy['clauses'] = this.#clauses(fields.clauses)
    return copy
  }

  #clauses(clauses: readonly unknown[]): unknown[] {
    return clauses.map((clause) => {
      const { type, value } = clause as { readonly type?: unknown; readonly value?: unknown }
      return type === 'onWrapped' && typeof value === 'function'
        ? { ...(clause as object), value: this.#joinGroup(value as QueryFunction) }
        : this.#fields(clause)
    })
  }

  #value(value: unknown): unknown {
    if (typeof value === 'function') return this.#subquery(value as QueryFunction)
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return this.#list(value)
    if (Object.getPrototypeOf(value) === this.#builderPrototype) return this.builder(value)
    if ((value as BuilderShape).isRawInstance === true) return this.#raw(value)
    return isPlain(value) ? this.#members(value) : value
  }

  #list(list: readonly unknown[]): unknown {
    const copy = list.map((member: unknown) => this.#value(member))
    return copy.some((member, i) => member !== list[i]) ? copy : list
  }

  #members(members: object): object {
    const known = this.#copies.get(members)
    if (known !== undefined) return known
    // Until it is known better: for what contains itself.
    this.#copies.set(members, members)
    const entries = Object.entries(members)
    const copy = entries.map(([name, value]) => [name, this.#value(value)] as const)
    if (copy.every(([, value], i) => value === entries[i]?.[1])) return members
    const settled = Object.fromEntries(copy)
    this.#copies.set(members, settled)
    return settled
  }

  #raw(raw: object): object {
    const known = this.#copies.get(raw)
    if (known !== undefined) return known
    this.#copies.set(raw, raw)
    const { bindings } = raw as { readonly bindings?: unknown }
    const settled = this.#value(bindings)
    if (settled === bindings) return raw
    const copy = Object.assign(likeness(raw), { bindings: settled })
    this.#copies.set(raw, copy)
    return copy
  }

  #subquery(say: QueryFunction): QueryFunction {
    return onlyOnce(say, (given) => {
      this.#settleFields(given)
      return Object.entries(given).filter(([name]) => compiledFields.has(name))
    })
  }

  /** Knex gives the functions of `on` groups a join without a table. */
  #joinGroup(say: QueryFunction): QueryFunction {
    return onlyOnce(say, (given) => {
      if (!isJoin(given)) return []
      return [['clauses', this.#clauses(given.clauses)]]
    })
  }
}

/** Calls a function the first time, and notes what it said; repeats that from then on. */
function onlyOnce(
  say: QueryFunction,
  said: (given: object) => readonly (readonly [string, unknown])[],
): QueryFunction {
  let fields: object | undefined
  return (given) => {
    if (fields === undefined) {
      say.call(given, given)
      fields = Object.fromEntries(said(given))
    }
    Object.assign(given, fields)
  }
}

/** What of a builder decides what it compiles to. */
const compiledFields: ReadonlySet<string> = new Set([
  '_method',
  '_single',
  '_statements',
  '_comments',
  '_options',
  '_queryContext',
  '_timeout',
  '_cancelOnTimeout',
])

/** A join among a builder's statements, or what the function of an `on` group is given. */
interface Join {
  readonly clauses: readonly unknown[]
}

function isJoin(fields: object): fields is Join {
  return 'clauses' in fields && Array.isArray(fields.clauses)
}

/** An object of the same class with the same properties. */
function likeness(of: object): object {
  return Object.assign(Object.create(Object.getPrototypeOf(of) as object | null) as object, of)
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

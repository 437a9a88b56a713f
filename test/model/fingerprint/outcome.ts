/** What compiling a builder gives. */
export interface Outcome {
  /** All of it but the bindings: method, SQL, pluck, options, time limit; or what it throws. */
  readonly statement: string
  /** The bindings by type and value; undefined where compiling throws. */
  readonly bindings: string | undefined
  /** How many of them. */
  readonly count: number
}

interface Compiled {
  readonly method: unknown
  readonly sql: unknown
  readonly pluck?: unknown
  readonly options: unknown
  readonly timeout: unknown
  readonly cancelOnTimeout?: unknown
  readonly bindings: readonly unknown[]
}

/** Compiles a builder as Knex does. */
export function outcomeOf(builder: { toSQL(): unknown }): Outcome {
  try {
    const it = builder.toSQL() as Compiled
    const { method, sql, pluck, options, timeout, cancelOnTimeout, bindings } = it
    return {
      statement: exact([method, sql, pluck, options, timeout, cancelOnTimeout]),
      bindings: exact(bindings),
      count: bindings.length,
    }
  } catch (error) {
    return { statement: `throws ${firstLine(error)}`, bindings: undefined, count: 0 }
  }
}

/** The message, without the values that some messages contain. */
function firstLine(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return `${error.name} ${error.message.slice(0, 24)}`
}

/** A text in which values differ that differ in type or value. Not the library's own, which is under test. */
export function exact(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(exact).join()}]`
  if (value instanceof Date) return `Date(${String(value.getTime())})`
  if (value instanceof Uint8Array) {
    return `${value.constructor.name}(${Buffer.from(value).toString('hex')})`
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${exact(key)}:${exact(inner)}`)
    return `{${entries.join()}}`
  }
  if (typeof value === 'string') return JSON.stringify(value)
  if (Object.is(value, -0)) return '-0'
  return typeof value === 'bigint' ? `${String(value)}n` : String(value)
}

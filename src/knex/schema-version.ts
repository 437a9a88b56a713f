import type { PooledConnection } from './plain-client.ts'

/** What is used of a better-sqlite3 connection. */
interface Preparing {
  prepare(sql: string): { pluck(): { get(): unknown } }
}

/** SQLite's own count of schema changes, read on the connection that a statement has just used: some microseconds. */
export class SchemaVersion {
  readonly #readers = new WeakMap<PooledConnection, { get(): unknown }>()

  /** The count as text, as `readSchemaPrint` gives it; `undefined` if it cannot be read now. */
  of(connection: PooledConnection): string | undefined {
    try {
      let reader = this.#readers.get(connection)
      if (reader === undefined) {
        reader = (connection as unknown as Preparing).prepare('pragma schema_version').pluck()
        this.#readers.set(connection, reader)
      }
      return String(reader.get())
    } catch {
      // Closed meanwhile, or another process holds the file's lock for too long.
      return undefined
    }
  }
}

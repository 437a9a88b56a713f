import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Engine, Row } from './engine.ts'
import { resultText } from './result-text.ts'

/** SQLite files in a directory; each episode gets a new one. */
export async function openSqlite(directory: string): Promise<Engine> {
  await mkdir(directory, { recursive: true })
  return new SqliteEngine(directory)
}

class SqliteEngine implements Engine {
  readonly dialect = 'sqlite'
  readonly #directory: string
  readonly #statements = new Map<string, Database.Statement>()
  #file = 0
  #database: Database.Database | undefined

  constructor(directory: string) {
    this.#directory = directory
  }

  async reset(): Promise<void> {
    await this.#remove()
    this.#file += 1
    this.#database = new Database(this.#filename)
    prepare(this.#database)
  }

  async execute(sql: string, bindings: readonly unknown[] = []): Promise<void> {
    this.#open.prepare(sql).run(...bound(bindings))
  }

  async rows(sql: string, bindings: readonly unknown[]): Promise<readonly Row[]> {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#open.prepare(sql)
      this.#statements.set(sql, statement)
    }
    return statement.all(...bound(bindings)) as Row[]
  }

  async print(sql: string): Promise<string> {
    // Big integers are rounded otherwise.
    return resultText(this.#open.prepare(sql).safeIntegers(true).all(), false)
  }

  forget(): void {
    this.#statements.clear()
  }

  config(): ReturnType<Engine['config']> {
    return {
      client: 'better-sqlite3',
      connection: { filename: this.#filename },
      useNullAsDefault: true,
      pool: {
        ...{ min: 1, max: 1 },
        afterCreate(raw: Database.Database, done: (error: unknown, raw: unknown) => void) {
          prepare(raw)
          done(null, raw)
        },
      },
    }
  }

  async close(): Promise<void> {
    await this.#remove()
    await rm(this.#directory, { recursive: true, force: true })
  }

  get #open(): Database.Database {
    if (this.#database === undefined) throw new Error('reset() comes first.')
    return this.#database
  }

  get #filename(): string {
    return join(this.#directory, `${this.#file}.db`)
  }

  async #remove(): Promise<void> {
    this.forget()
    this.#database?.close()
    for (const end of ['', '-wal', '-shm']) await rm(`${this.#filename}${end}`, { force: true })
  }
}

/** Nothing here has to survive a crash. */
function prepare(database: Database.Database): void {
  for (const pragma of ['journal_mode = WAL', 'synchronous = OFF', 'foreign_keys = ON'])
    database.pragma(pragma)
}

/** As Knex gives them to the driver. */
function bound(bindings: readonly unknown[]): unknown[] {
  return bindings.map((value) => (typeof value === 'boolean' ? Number(value) : value))
}

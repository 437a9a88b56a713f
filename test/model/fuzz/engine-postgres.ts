import pg from 'pg'
import { createServerDatabase, dropServerDatabase } from '../../support/database-admin.ts'
import { connectionTo } from '../../support/database-config.ts'
import { serviceUrl } from '../../support/services.ts'
import type { Engine, Row } from './engine.ts'
import { resultText } from './result-text.ts'

/** A database on the PostgreSQL server. What outlives an episode is in the schema `ext`. */
export async function openPostgres(name: string): Promise<Engine> {
  await createServerDatabase('postgres', name)
  const connection = {
    ...connectionTo(serviceUrl('postgres'), name),
    // Nothing here has to survive a crash; without statistics everything looks worth compiling.
    options:
      '-c synchronous_commit=off -c jit=off -c statement_timeout=20000 -c client_min_messages=warning',
  }
  const clients = await Promise.all(
    Array.from({ length: 2 }, async () => {
      const client = new pg.Client(connection)
      await client.connect()
      return client
    }),
  )
  const engine = new PostgresEngine(name, connection, clients)
  await engine.execute('create schema ext')
  await engine.execute('create extension citext schema ext')
  await engine.execute(
    `create collation ext.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  )
  return engine
}

class PostgresEngine implements Engine {
  readonly dialect = 'postgres'
  readonly #name: string
  readonly #connection: Readonly<Record<string, string | number>>
  readonly #clients: readonly pg.Client[]
  readonly #queues: Promise<unknown>[] = []
  #turn = 0

  constructor(
    name: string,
    connection: Readonly<Record<string, string | number>>,
    clients: readonly pg.Client[],
  ) {
    this.#name = name
    this.#connection = connection
    this.#clients = clients
  }

  async reset(): Promise<void> {
    await this.#first.query('drop schema if exists public cascade; create schema public')
  }

  async execute(sql: string, bindings: readonly unknown[] = []): Promise<void> {
    await this.#first.query(sql, [...bindings])
  }

  async rows(sql: string, bindings: readonly unknown[]): Promise<readonly Row[]> {
    const turn = (this.#turn = (this.#turn + 1) % this.#clients.length)
    // One at a time on each connection.
    const answer = (this.#queues[turn] ?? Promise.resolve()).then(() =>
      (this.#clients[turn] ?? this.#first).query(sql, [...bindings]),
    )
    this.#queues[turn] = answer.catch(() => undefined)
    return (await answer).rows as Row[]
  }

  async print(sql: string): Promise<string> {
    return resultText(await this.rows(sql, []), false)
  }

  forget(): void {
    // Statements have no names here.
  }

  config(connections: number): ReturnType<Engine['config']> {
    return { client: 'pg', connection: { ...this.#connection }, pool: { min: 0, max: connections } }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()))
    await dropServerDatabase('postgres', this.#name)
  }

  get #first(): pg.Client {
    const [client] = this.#clients
    if (client === undefined) throw new Error('There is no client.')
    return client
  }
}

import { createConnection, type Connection } from 'mysql2/promise'
import { createServerDatabase, dropServerDatabase } from '../../support/database-admin.ts'
import { connectionTo } from '../../support/database-config.ts'
import { serviceUrl } from '../../support/services.ts'
import type { Engine, Row } from './engine.ts'
import { resultText } from './result-text.ts'

/** A database on the MariaDB server. */
export async function openMysql(name: string): Promise<Engine> {
  await createServerDatabase('mysql', name)
  const connection = connectionTo(serviceUrl('mysql'), name)
  const clients = await Promise.all([createConnection(connection), createConnection(connection)])
  return new MysqlEngine(name, connection, clients)
}

class MysqlEngine implements Engine {
  readonly dialect = 'mysql'
  readonly #name: string
  readonly #connection: Readonly<Record<string, string | number>>
  readonly #clients: readonly Connection[]
  #turn = 0

  constructor(
    name: string,
    connection: Readonly<Record<string, string | number>>,
    clients: readonly Connection[],
  ) {
    this.#name = name
    this.#connection = connection
    this.#clients = clients
  }

  async reset(): Promise<void> {
    await this.#first.query(`drop database if exists \`${this.#name}\``)
    await this.#first.query(`create database \`${this.#name}\` character set utf8mb4`)
    for (const client of this.#clients) await client.query(`use \`${this.#name}\``)
  }

  async execute(sql: string, bindings: readonly unknown[] = []): Promise<void> {
    await this.#first.query(sql, [...bindings])
  }

  async rows(sql: string, bindings: readonly unknown[]): Promise<readonly Row[]> {
    this.#turn = (this.#turn + 1) % this.#clients.length
    const [rows] = await (this.#clients[this.#turn] ?? this.#first).query(sql, [...bindings])
    return rows as Row[]
  }

  async print(sql: string): Promise<string> {
    // Big integers are rounded otherwise.
    const exact = { supportBigNumbers: true, bigNumberStrings: true }
    const [rows] = await this.#first.query({ sql, ...exact })
    return resultText(rows as Row[], false)
  }

  forget(): void {
    // Statements are not prepared here.
  }

  config(connections: number): ReturnType<Engine['config']> {
    return {
      client: 'mysql2',
      connection: { ...this.#connection },
      pool: { min: 0, max: connections },
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.end()))
    await dropServerDatabase('mysql', this.#name)
  }

  get #first(): Connection {
    const [client] = this.#clients
    if (client === undefined) throw new Error('There is no client.')
    return client
  }
}

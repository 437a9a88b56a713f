import knexFactory from 'knex'
import { millrace } from '../../../src/index.ts'
import { configOf, type DatabaseAddress } from '../../../test/support/database-config.ts'
import { serveSlices } from '../../slice-server.ts'
import { createArticles, statementKinds, tableName, type Statements } from './kinds.ts'

/** What a contender is started with. */
export interface ContenderOrder {
  readonly address: DatabaseAddress
  readonly way: 'knex' | 'millrace'
  /** Whether the contender creates the table: where each has a database of its own. */
  readonly createTable: boolean
}

const order = JSON.parse(process.argv[2] ?? '') as ContenderOrder
const { on, close } = await (order.way === 'knex' ? openKnex() : openMillrace())
serveSlices({
  kinds: Object.fromEntries(
    statementKinds.map(({ name, run }) => [name, (turn: number) => run(on, turn)]),
  ),
  close,
})

interface Opened {
  readonly on: Statements
  close(): Promise<void>
}

async function openKnex(): Promise<Opened> {
  const knex = knexFactory(configOf(order.address))
  if (order.createTable) await createArticles(knex)
  return {
    on: { table: () => knex(tableName), transaction: (run) => knex.transaction(run) },
    close: () => knex.destroy(),
  }
}

async function openMillrace(): Promise<Opened> {
  const db = await millrace({ connection: configOf(order.address), buffer: false })
  if (order.createTable) await createArticles(db.knex)
  return {
    on: {
      table: () => db[tableName],
      transaction: (run) => db.transaction(run),
    },
    close: () => db.close(),
  }
}

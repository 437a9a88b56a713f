import type { Knex } from 'knex'

/** What is asked of a database: Knex's own instance, or `DB`, which has the same members. */
export interface Statements {
  /** A new builder of the benchmark's table. */
  table(): Knex.QueryBuilder
  transaction<T>(run: (trx: Knex.Transaction) => Promise<T>): Promise<T>
}

/** The table that every statement is about. */
export const tableName = 'articles'

const categories = 100
const rowsPerCategory = 20
const rowCount = categories * rowsPerCategory

/** Creates the table in an empty database: 100 categories of 20 rows, eight columns. */
export async function createArticles(knex: Knex): Promise<void> {
  await knex.schema.createTable(tableName, (table) => {
    table.increments('id')
    table.string('title').notNullable()
    table.integer('views').notNullable()
    table.integer('category').notNullable().index()
    table.integer('author_id').notNullable()
    table.integer('created_at').notNullable()
    table.text('body')
    table.integer('active').notNullable()
  })
  const rows = Array.from({ length: rowCount }, (_, i) => article(i))
  await knex.batchInsert(tableName, rows, 100)
}

function article(i: number): Record<string, unknown> {
  return {
    title: `Article number ${String(i)}`,
    views: (i * 7919) % 10_000,
    category: i % categories,
    author_id: i % 200,
    created_at: 1_700_000_000 + i * 60,
    body: i % 3 === 0 ? null : `Lorem ipsum dolor sit amet ${String(i)}`,
    active: i % 2,
  }
}

/** One kind of work, with a number that changes from call to call. */
export interface StatementKind {
  readonly name: string
  readonly title: string
  run(on: Statements, turn: number): Promise<unknown>
}

const idOf = (turn: number): number => 1 + ((turn * 37) % rowCount)
/** Rows of their own category: what is inserted must not make other statements slower. */
const inserted = (turn: number): Record<string, unknown> => ({ ...article(turn), category: -1 })

/** The kinds of work whose cost is compared. */
export const statementKinds: readonly StatementKind[] = [
  {
    name: 'select-key',
    title: 'select by key',
    async run(on, turn) {
      const rows = await on.table().where('id', idOf(turn)).select()
      if (rows.length !== 1) throw new Error('select by key: no row')
    },
  },
  {
    name: 'select-20',
    title: 'select of 20 rows',
    async run(on, turn) {
      const rows = await on
        .table()
        .where('category', turn % categories)
        .select()
      if (rows.length !== rowsPerCategory) throw new Error('select of 20 rows: other count')
    },
  },
  {
    name: 'insert',
    title: 'insert of one row',
    run: (on, turn) => on.table().insert(inserted(turn)),
  },
  {
    name: 'update-key',
    title: 'update by key',
    async run(on, turn) {
      const count = await on.table().where('id', idOf(turn)).update({ views: turn })
      if (count !== 1) throw new Error('update by key: no row')
    },
  },
  {
    name: 'transaction-3',
    title: 'transaction of 3 statements',
    async run(on, turn) {
      await on.transaction(async (trx) => {
        await trx(tableName).where('id', idOf(turn)).select()
        await trx(tableName).where('id', idOf(turn)).update({ views: turn })
        await trx(tableName).insert(inserted(turn))
      })
    },
  },
]

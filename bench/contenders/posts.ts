import type { Knex } from 'knex'
import type { Dialect } from '../../src/contract/dialect.ts'

/** The columns of the table that everybody reads, in order. */
export const postColumns = [
  'id',
  'title',
  'views',
  'category',
  'author_id',
  'published_at',
  'body',
  'active',
] as const

export type PostColumn = (typeof postColumns)[number]

/** A row, or what a question asks of it. `published_at` is a `Date` where the database has such a type, milliseconds on SQLite. */
export type Post = Readonly<Record<string, unknown>>

/** How much is in the table. */
export interface PostCounts {
  readonly categories: number
  readonly perCategory: number
}

/** Something to ask with changing values, so that no single entry is read over and over. Plain JSON. */
export interface Question {
  /** The kind of its slices. */
  readonly name: string
  readonly title: string
  readonly columns: readonly PostColumn[]
  /** `id`: the row of that key. `category`: the first rows of that category, by key. */
  readonly by: 'id' | 'category'
  /** How many rows the answer has. */
  readonly rows: number
  /** Set if the category has more rows than are asked for. */
  readonly limit?: number
  readonly values: readonly number[]
}

/** Creates and fills the table in an empty database. */
export async function createPosts(knex: Knex, counts: PostCounts): Promise<void> {
  await knex.schema.createTable('posts', (table) => {
    table.integer('id').primary()
    table.string('title', 60).notNullable()
    table.integer('views').notNullable()
    table.integer('category').notNullable().index()
    table.integer('author_id').notNullable()
    if (dialectOf(knex) === 'sqlite') table.integer('published_at').notNullable()
    else table.datetime('published_at', { precision: 3 }).notNullable()
    table.string('body', 100)
    table.integer('active').notNullable()
  })
  const rows = Array.from({ length: counts.categories * counts.perCategory }, (_, place) =>
    postOf(place + 1, counts, dialectOf(knex)),
  )
  await knex.batchInsert('posts', rows, 100)
}

/** The row of a key, as Knex returns it. */
export function postOf(id: number, { categories }: PostCounts, dialect: Dialect): Post {
  const published = 1_700_000_000_000 + id * 60_000
  return {
    id,
    title: `Post title number ${id}`,
    views: (id * 7919) % 10_000,
    category: id % categories,
    author_id: id % 200,
    published_at: dialect === 'sqlite' ? published : new Date(published),
    body: id % 3 === 0 ? null : `Lorem ipsum dolor sit amet ${id}`,
    active: id % 2,
  }
}

/** What a question has to be answered with for a value. */
export function answerOf(
  { by, columns, rows }: Question,
  value: number,
  counts: PostCounts,
  dialect: Dialect,
): Post[] {
  const firstOfCategory = value === 0 ? counts.categories : value
  const ids =
    by === 'id'
      ? [value]
      : Array.from({ length: rows }, (_, place) => firstOfCategory + place * counts.categories)
  return ids.map((id) => {
    const post = postOf(id, counts, dialect)
    return Object.fromEntries(columns.map((column) => [column, post[column]]))
  })
}

/** A question's query, on a builder of Knex or of `DB`. */
export function queryOf(
  builder: Knex.QueryBuilder,
  question: Question,
  value: number,
): Knex.QueryBuilder {
  const { by, columns, limit } = question
  const query = builder.where(by, value)
  if (by === 'category') query.orderBy('id')
  if (limit !== undefined) query.limit(limit)
  return query.select(...columns)
}

/** The same for drivers; `placeholder` is how the database writes a parameter. */
export function sqlOf({ by, columns, limit }: Question, placeholder: string): string {
  const order = by === 'category' ? ' order by id' : ''
  const bound = limit === undefined ? '' : ` limit ${limit}`
  return `select ${columns.join(', ')} from posts where ${by} = ${placeholder}${order}${bound}`
}

function dialectOf(knex: Knex): Dialect {
  const { driverName } = knex.client as { driverName: string }
  if (driverName === 'pg') return 'postgres'
  return driverName === 'mysql2' ? 'mysql' : 'sqlite'
}

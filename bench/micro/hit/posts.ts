import type { Knex } from 'knex'

/** A row of the table that the benchmark reads. */
export interface Post {
  readonly id: number
  readonly title: string
  readonly views: number
  readonly category: string
  readonly author_id: number
  readonly created_at: number
  readonly body: string | null
  readonly active: number
}

/** All columns of {@link Post}, in order. */
export const postColumns = [
  'id',
  'title',
  'views',
  'category',
  'author_id',
  'created_at',
  'body',
  'active',
] as const

const categories = 100
const rowsPerCategory = 50

/** Creates and fills the table: 100 categories of 50 posts. */
export async function createPosts(knex: Knex): Promise<void> {
  await knex.schema.createTable('posts', (table) => {
    table.integer('id').primary()
    table.text('title').notNullable()
    table.integer('views').notNullable()
    table.text('category').notNullable().index()
    table.integer('author_id').notNullable()
    table.integer('created_at').notNullable()
    table.text('body')
    table.integer('active').notNullable()
  })
  const posts = Array.from({ length: categories * rowsPerCategory }, (_, i) => post(i))
  await knex.batchInsert('posts', posts, 100)
}

function post(i: number): Post {
  return {
    id: i + 1,
    title: `Post title number ${String(i)}`,
    views: (i * 7919) % 10_000,
    category: categoryName(i % categories),
    author_id: i % 200,
    created_at: 1_700_000_000 + i * 60,
    body: i % 3 === 0 ? null : `Lorem ipsum dolor sit amet ${String(i)}`,
    active: i % 2,
  }
}

function categoryName(number: number): string {
  return `category ${String(number)}`
}

/** A question that is asked with changing values, so that no single entry is read over and over. */
export interface Question {
  readonly title: string
  readonly rows: number
  readonly column: 'id' | 'category'
  readonly values: readonly (number | string)[]
}

/** One row by its key, and fifty rows of one category. */
export const questions: readonly Question[] = [
  {
    title: '1 row of 8 columns, by key',
    rows: 1,
    column: 'id',
    values: Array.from({ length: categories }, (_, i) => 1 + i * 37),
  },
  {
    title: '50 rows of 8 columns, filtered',
    rows: rowsPerCategory,
    column: 'category',
    values: Array.from({ length: categories }, (_, i) => categoryName(i)),
  },
]

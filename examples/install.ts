// An existing Knex code base: one line adds the cache, and its writes invalidate from then on.
//   npm run example examples/install
import knexPackage from 'knex'
import { install } from 'millrace'

interface Post {
  id: number
  title: string
}

// What is there already: an instance, and code that uses it.
const knex = knexPackage({
  client: 'better-sqlite3',
  connection: { filename: ':memory:' },
  useNullAsDefault: true,
})
await knex.schema.createTable('posts', (table) => {
  table.increments('id')
  table.text('title').notNullable()
})
const rename = (id: number, title: string) => knex<Post>('posts').where({ id }).update({ title })
await knex<Post>('posts').insert([{ title: 'First' }, { title: 'Second' }])

// The one line. `buffer: false`, since nothing is written behind here.
const DB = await install<{ posts: Post }>(knex, { buffer: false })

const titles = () => knex<Post>('posts').cache('5m').orderBy('id').pluck('title')
console.log(await titles()) // a miss
console.log(await titles()) // a hit

await rename(1, 'First, revised') // old code, unchanged
console.log(await titles()) // a miss, with the new title

// Raw queries have it too, and transactions write through the same tap.
const count = () => knex.raw<{ n: number }[]>('select count(*) as n from posts').cache(60)
console.log(await count())
await knex.transaction(async (trx) => {
  await trx<Post>('posts').insert({ title: 'Third' })
})
console.log(await count())

// Why is this query cached, or not?
console.log((await DB.cache.explain(knex('posts').cache(60).where('id', '>', 1))).text)

await DB.close() // the instance stays open: it is yours
await knex.destroy()

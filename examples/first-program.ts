// The smallest useful program: cached reads, a write that they see, buffered writes.
//   npm run example examples/first-program
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { millrace } from 'millrace'

interface Shop {
  products: { id: number; name: string; active: boolean; views: number }
  visits: { id: string; product_id: number }
}

const directory = await mkdtemp(join(tmpdir(), 'millrace-first-'))
const DB = await millrace<Shop>({
  connection: { client: 'better-sqlite3', connection: { filename: join(directory, 'shop.db') } },
  buffer: { journal: join(directory, 'journal') },
  nanoid: { visits: 'id' },
})

await DB.schema.createTable('products', (table) => {
  table.increments('id')
  table.text('name').notNullable()
  table.boolean('active').notNullable().defaultTo(true)
  table.integer('views').notNullable().defaultTo(0)
})
await DB.schema.createTable('visits', (table) => {
  table.text('id').primary()
  table.integer('product_id').notNullable().references('products.id')
})
await DB.products.insert([{ name: 'Table' }, { name: 'Chair' }, { name: 'Lamp' }])

const products = () => DB.products.cache(60).where({ active: true }).select('id', 'name')

console.log(await products()) // a miss: the query runs
console.log(await products()) // a hit: no query

await DB.products.where({ id: 1 }).update({ name: 'Oak table' })
console.log(await products()) // a miss again, with the new name

await DB.products.buffer.where(1).increment('views') // on disk now, in the database later
await DB.visits.buffer.insert({ product_id: 1 }) // with an id of its own
console.log('views, with what is pending:', await DB.products.buffer.where(1).get('views'))

await DB.buffer.flush()
console.log('views in the database:', await DB.products.where({ id: 1 }).first('views'))
console.log('visits in the database:', await DB.visits)

const { hits, misses } = await DB.cache.stats()
console.log({ hits, misses })

await DB.close()
await rm(directory, { recursive: true })

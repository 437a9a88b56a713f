// Objection models: their queries are Knex queries underneath, so one line gives them the cache.
//   npm run example examples/objection
import knexPackage from 'knex'
import { install } from 'millrace'
import type { CacheInput } from 'millrace'
import { Model } from 'objection'
import type { QueryBuilder } from 'objection'

class Person extends Model {
  static override readonly tableName = 'persons'
  declare readonly id: number
  declare readonly name: string
}

/** Reads a model's query through the cache: `Person.query().modify(cached(60))`. */
function cached(options?: CacheInput) {
  return (query: QueryBuilder<Model>): void => {
    void query.onBuildKnex((builder) => {
      void builder.cache(options)
    })
  }
}

const knex = knexPackage({
  client: 'better-sqlite3',
  connection: { filename: ':memory:' },
  useNullAsDefault: true,
})
Model.knex(knex)
const DB = await install(knex, { buffer: false })

await knex.schema.createTable('persons', (table) => {
  table.increments('id')
  table.text('name').notNullable()
})
await Person.query().insert({ name: 'Ada' })

const persons = () => Person.query().modify(cached(60)).orderBy('id')
console.log(await persons()) // a miss
const again = await persons() // a hit, and models as ever
console.log(again, again[0] instanceof Person)

await Person.query().findById(1).patch({ name: 'Ada Lovelace' })
console.log(await persons()) // a miss, with the new name

const { hits, misses } = await DB.cache.stats()
console.log({ hits, misses })
await DB.close()
await knex.destroy()

import knexFactory from 'knex'
import { configOf } from '../../test/support/database-config.ts'
import type { Contender } from './contender.ts'
import { queryOf, type Post } from './posts.ts'

/** Plain Knex, without a cache: every question is a query. */
function plainKnex(id: Contender['id'], title: string, database: Contender['database']): Contender {
  return {
    id,
    title,
    database,
    packages: [],
    open(address) {
      const knex = knexFactory(configOf(address))
      return Promise.resolve({
        ask: (question) => (value) =>
          queryOf(knex('posts'), question, value) as PromiseLike<Post[]>,
        loads: () => 0,
        retitle: async (id, title) => await knex('posts').where({ id }).update({ title }),
        close: () => knex.destroy(),
      })
    },
  }
}

export const knexSqlite: Contender = plainKnex('knex-sqlite', 'Knex, SQLite', 'sqlite')
export const knexPostgres: Contender = plainKnex('knex-postgres', 'Knex, PostgreSQL', 'postgres')
export const knexMysql: Contender = plainKnex('knex-mysql', 'Knex, MariaDB', 'mysql')

import knexFactory, { type Knex } from 'knex'
import { configOf, type DatabaseAddress } from '../../test/support/database-config.ts'
import { queryOf, type Post, type Question } from './posts.ts'

/** Where caches that know nothing of SQL get their posts from: Knex, as the application would write it. Counts its queries. */
export class PostSource {
  loads = 0
  readonly #knex: Knex

  constructor(address: DatabaseAddress) {
    this.#knex = knexFactory(configOf(address))
  }

  async load(question: Question, value: number): Promise<readonly Post[]> {
    this.loads += 1
    return await (queryOf(this.#knex('posts'), question, value) as PromiseLike<Post[]>)
  }

  async retitle(id: number, title: string): Promise<void> {
    await this.#knex('posts').where({ id }).update({ title })
  }

  close(): Promise<void> {
    return this.#knex.destroy()
  }
}

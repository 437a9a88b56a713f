import pg from 'pg'
import type { Contender } from './contender.ts'
import { sqlOf, type Post } from './posts.ts'

/** The driver itself: one connection, one prepared statement for each question. */
export const postgres: Contender = {
  id: 'pg',
  title: 'pg, prepared',
  database: 'postgres',
  packages: [],
  async open({ connection }) {
    const client = new pg.Client(connection)
    await client.connect()
    return {
      ask(question) {
        const { name } = question
        const text = sqlOf(question, '$1')
        return async (value) => (await client.query<Post>({ name, text, values: [value] })).rows
      },
      loads: () => 0,
      retitle: (id, title) =>
        client.query('update posts set title = $1 where id = $2', [title, id]),
      close: () => client.end(),
    }
  },
}

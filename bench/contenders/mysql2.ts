import mysql, { type RowDataPacket } from 'mysql2/promise'
import type { Contender } from './contender.ts'
import { sqlOf, type Post } from './posts.ts'

/** The driver itself: one connection, one prepared statement for each question. */
export const mysql2: Contender = {
  id: 'mysql2',
  title: 'mysql2, prepared',
  database: 'mysql',
  packages: [],
  async open({ connection }) {
    const client = await mysql.createConnection({ ...connection })
    return {
      ask(question) {
        const sql = sqlOf(question, '?')
        return async (value): Promise<readonly Post[]> =>
          (await client.execute<RowDataPacket[]>(sql, [value]))[0]
      },
      loads: () => 0,
      retitle: (id, title) =>
        client.execute('update posts set title = ? where id = ?', [title, id]),
      close: () => client.end(),
    }
  },
}

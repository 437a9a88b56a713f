import Database from 'better-sqlite3'
import type { Contender } from './contender.ts'
import { sqlOf, type Post } from './posts.ts'

/** The driver itself: one prepared statement for each question. It answers at once and is awaited as the others are. */
export const betterSqlite3: Contender = {
  id: 'better-sqlite3',
  title: 'better-sqlite3, prepared',
  database: 'sqlite',
  packages: [],
  open({ connection }) {
    const database = new Database(String(connection['filename']))
    return Promise.resolve({
      ask(question) {
        const statement = database.prepare<[number], Post>(sqlOf(question, '?'))
        return (value) => Promise.resolve(statement.all(value))
      },
      loads: () => 0,
      retitle: async (id, title) =>
        database.prepare('update posts set title = ? where id = ?').run(title, id),
      close: async () => void database.close(),
    })
  },
}

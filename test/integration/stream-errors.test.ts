import { once } from 'node:events'
import { expect, test } from 'vitest'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases } from '../support/databases.ts'

describeDatabases('streams', (name) => {
  test('G7: a stream that cannot start shows its error', async () => {
    const database = await createDatabase(name)
    const DB = await millrace({ connection: database.config, buffer: false })
    const stream = DB.knex.raw('').stream()
    const error = await new Promise<Error>((resolve) => stream.once('error', resolve))
    expect(error.message).toMatch(/empty/i)
    const closed = once(stream, 'close')
    stream.destroy()
    // It gives its connection back then.
    await closed
    await DB.close()
    await database.drop()
  })
})

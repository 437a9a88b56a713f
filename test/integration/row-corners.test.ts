import knexFactory, { type Knex } from 'knex'
import { expect, test } from 'vitest'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type DatabaseName } from '../support/databases.ts'
import { rowCorners, type RowCorner } from './fixtures/row-corners.ts'
import { textCorners } from './fixtures/text-corners.ts'

describeDatabases('G1: rows that are known by more than one name', (name) => {
  const cases = [...rowCorners, ...textCorners].filter(
    ({ only }) => only === undefined || only.includes(name),
  )

  test.each(cases)('$title', async (corner) => {
    const database = await createDatabase(name)
    const plain = knexFactory(database.config)
    for (const statement of corner.schema) await plain.raw(statement)
    const DB = await millrace({ connection: database.config, buffer: false, settleDelay: 1 })
    try {
      for (const write of corner.writes) await check(DB.knex, plain, corner, write, name)
    } finally {
      await DB.close()
      await plain.destroy()
      await database.drop()
    }
  })
})

/** Fills the cache, writes, and compares what the cache answers with what the database has. */
async function check(
  cached: Knex,
  plain: Knex,
  { reads }: RowCorner,
  write: string,
  name: DatabaseName,
): Promise<void> {
  for (const read of reads) await cached.raw(read).cache(Infinity)
  // A statement that the database refuses must leave the cache right as well.
  const refused = await cached.raw(write).then(
    () => undefined,
    (error: unknown) => String(error),
  )
  for (const read of reads) {
    const told: unknown = await cached.raw(read).cache(Infinity)
    expect(rowsOf(told, name), `${read} after ${write} (${refused ?? 'done'})`).toEqual(
      rowsOf(await plain.raw(read), name),
    )
  }
}

function rowsOf(response: unknown, name: DatabaseName): unknown {
  if (name === 'sqlite') return response
  return name === 'postgres' ? (response as { rows: unknown }).rows : (response as unknown[])[0]
}

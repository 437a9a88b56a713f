import knexFactory from 'knex'
import { configOf, connectionTo } from '../test/support/database-config.ts'
import { serviceUrl } from '../test/support/services.ts'
import type { BenchDatabaseName } from './database.ts'

/** What a database says of itself. */
export async function serverVersion(name: BenchDatabaseName): Promise<string> {
  const embedded = name === 'sqlite' || name === 'sqlite-memory'
  const knex = knexFactory(
    embedded
      ? configOf({ dialect: 'sqlite', connection: { filename: ':memory:' } })
      : configOf({
          dialect: name,
          connection: connectionTo(
            serviceUrl(name),
            name === 'postgres' ? 'postgres' : 'information_schema',
          ),
        }),
  )
  try {
    const expression = embedded ? 'sqlite_version()' : 'version()'
    const row = await knex.first<{ version: string }>(knex.raw(`${expression} as version`))
    return row?.version ?? 'unknown'
  } finally {
    await knex.destroy()
  }
}

import { join } from 'node:path'
import { millrace } from 'millrace'
import type { Millrace } from 'millrace'
import type { Tables } from './tables.ts'

export type DemoDatabase = Millrace<Tables>

/**
 * Opens Millrace, in the primary and in each worker alike. Nothing here says "cluster": in a worker the cache and the buffer are the
 * primary's by themselves.
 */
export async function openDatabase(directory: string): Promise<DemoDatabase> {
  return await millrace<Tables>({
    connection: {
      client: 'better-sqlite3',
      connection: { filename: join(directory, 'cities.db') },
    },
    buffer: { journal: join(directory, 'journal'), flushInterval: '2s' },
    nanoid: { visits: 'id' },
  })
}

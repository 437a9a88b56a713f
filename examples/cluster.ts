// Workers of node:cluster share the primary's cache. Nothing but the fork says so: both sides call millrace() alike.
//   npm run example examples/cluster
import cluster from 'node:cluster'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { millrace } from 'millrace'

interface Shop {
  prices: { id: number; cents: number }
}

if (cluster.isPrimary) await runPrimary()
else await runWorker()

function open(directory: string) {
  return millrace<Shop>({
    connection: {
      client: 'better-sqlite3',
      connection: { filename: join(directory, 'prices.db') },
    },
    buffer: { journal: join(directory, 'journal') },
  })
}

/** Opens first: the shared entries, and the journal of the buffer, are the primary's. */
async function runPrimary(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-cluster-'))
  const DB = await open(directory)
  await DB.schema.createTable('prices', (table) => {
    table.increments('id')
    table.integer('cents').notNullable()
  })
  await DB.prices.insert({ cents: 100 })

  for (let turn = 1; turn <= 3; turn += 1) {
    const worker = cluster.fork({ SHOP: directory, TURN: String(turn) })
    const [code] = (await once(worker, 'exit')) as [number]
    if (code !== 0) throw new Error(`Worker ${String(turn)} ended with code ${String(code)}.`)
  }

  console.log('primary reads', await DB.prices.cache(60).where({ id: 1 }).first('cents'))
  await DB.close()
  await rm(directory, { recursive: true })
}

/** Reads what others cached, and writes so that all of them see it. */
async function runWorker(): Promise<void> {
  const turn = process.env['TURN'] ?? ''
  await using DB = await open(process.env['SHOP'] ?? '')
  const price = () => DB.prices.cache(60).where({ id: 1 }).first('cents')

  console.log(`worker ${turn} reads`, await price(), 'then', await price())
  await DB.prices.where({ id: 1 }).update({ cents: 100 * Number(turn) + 1 })
  console.log(`worker ${turn} wrote, and reads`, await price())
  await DB.prices.buffer.where(1).increment('cents', 10) // the primary's journal has it now
  await DB.buffer.flush()
  console.log(`worker ${turn} flushed, and reads`, await price())
  const { hits, misses, bypasses } = await DB.cache.stats()
  console.log(`worker ${turn}`, { hits, misses, bypasses })
  cluster.worker?.disconnect()
}

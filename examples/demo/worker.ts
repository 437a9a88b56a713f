import { openAtlas } from './atlas.ts'
import { Clerk } from './clerk.ts'
import { openDatabase } from './open-database.ts'
import { isDemoMessage } from './orders.ts'
import type { Answer, Order } from './orders.ts'
import { serveRound } from './serve-round.ts'

/** A worker's life: open, serve what the primary orders, hand over the tally, close. */
export function runWorker(): void {
  const { DEMO_DIRECTORY = '', DEMO_WORKER, DEMO_WORKERS } = process.env
  const opened = open(DEMO_DIRECTORY, Number(DEMO_WORKER), Number(DEMO_WORKERS))

  const carryOut = async (order: Order): Promise<void> => {
    const { DB, atlas, clerk } = await opened
    if (order.demo === 'serve') {
      const report = await serveRound({ DB, atlas, clerk }, order.reader, order.seconds)
      answer({ demo: 'served', report })
    } else {
      const tally = await clerk.close()
      await DB.close()
      answer({ demo: 'finished', tally })
    }
  }

  // Ctrl-C reaches the whole group of processes; what becomes of it is the primary's affair.
  process.on('SIGINT', () => undefined)
  process.on('message', (message) => {
    if (isDemoMessage<Order>(message)) void carryOut(message)
  })
  void opened.then(() => answer({ demo: 'ready' }))
}

async function open(directory: string, worker: number, workers: number) {
  const DB = await openDatabase(directory)
  return {
    DB,
    atlas: await openAtlas(DB, worker, workers),
    clerk: new Clerk(DB, worker),
  }
}

function answer(message: Answer): void {
  process.send?.(message)
}

import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { isBenchMessage, type BenchAnswer, type BenchOrder } from './slice-server.ts'
import type { SliceResult } from './slice.ts'

/**
 * The primary's end where the measured calls are made by workers of `node:cluster`: passes each order on to all workers and answers with what
 * they did together. `program` is the compiled program of a worker, which ends in `serveSlices`; `order` is the JSON in its first argument.
 */
export async function serveTeam(
  program: string,
  order: object,
  size: number,
  close: () => Promise<void>,
): Promise<void> {
  cluster.setupPrimary({ exec: program, args: [JSON.stringify(order)] })
  const workers: Worker[] = []
  let findings: unknown = null
  for (let i = 0; i < size; i++) {
    const worker = cluster.fork()
    workers.push(worker)
    const ready = await answerOf(worker)
    if (i === 0 && ready.bench === 'ready') findings = ready.findings
  }
  process.on('message', (message: unknown) => {
    if (!isBenchMessage(message)) return
    void (async () => {
      if (message.bench === 'close') {
        await dismiss(workers)
        await close()
        process.disconnect()
      } else if (message.bench === 'slice') {
        const answers = await Promise.all(
          workers.map((worker) => {
            worker.send(message)
            return answerOf(worker)
          }),
        )
        send({
          bench: 'result',
          result: together(answers.flatMap((one) => (one.bench === 'result' ? one.result : []))),
        })
      }
    })()
  })
  send({ bench: 'ready', findings })
}

/** Workers run at the same time: the time per call of all together is that of one, shared by as many as there are. */
function together(results: readonly SliceResult[]): SliceResult {
  const [first] = results
  if (results.length === 1 && first !== undefined) return first
  const perSecond = (figure: 'mean' | 'p50'): number =>
    results.reduce((sum, result) => sum + 1 / result[figure], 0)
  return {
    calls: results.reduce((sum, { calls }) => sum + calls, 0),
    mean: 1 / perSecond('mean'),
    p50: 1 / perSecond('p50'),
    p99: Math.max(...results.map(({ p99 }) => p99)),
  }
}

async function dismiss(workers: readonly Worker[]): Promise<void> {
  await Promise.all(
    workers.map(async (worker) => {
      const ended = once(worker, 'exit')
      const order: BenchOrder = { bench: 'close' }
      worker.send(order)
      await ended
    }),
  )
}

/** The worker's next message to the bench; Millrace's own are not for us. Ends the process if the worker ends instead. */
function answerOf(worker: Worker): Promise<BenchAnswer> {
  return new Promise((resolve, reject) => {
    const left = (): void => reject(new Error('A worker ended before it answered.'))
    const heard = (message: unknown): void => {
      if (!isBenchMessage(message)) return
      worker.off('exit', left)
      worker.off('message', heard)
      resolve(message as BenchAnswer)
    }
    worker.once('exit', left)
    worker.on('message', heard)
  })
}

function send(answer: BenchAnswer): void {
  process.send?.(answer)
}

import cluster from 'node:cluster'
import type { Worker } from 'node:cluster'
import { isDemoMessage } from './orders.ts'
import type { Answer, Order, RoundReport } from './orders.ts'
import type { ReaderName } from './readers.ts'
import type { Tally } from './tally.ts'

/** The workers, as the primary sees them. */
export class Crew {
  readonly #workers: readonly Worker[]

  private constructor(workers: readonly Worker[]) {
    this.#workers = workers
  }

  /** Starts the workers; resolves when all of them have opened Millrace. */
  static async hire(count: number, directory: string): Promise<Crew> {
    const workers = Array.from({ length: count }, (_, index) =>
      cluster.fork({
        DEMO_DIRECTORY: directory,
        DEMO_WORKER: String(index),
        DEMO_WORKERS: String(count),
      }),
    )
    const crew = new Crew(workers)
    await crew.#answers('ready')
    return crew
  }

  /** A round of traffic on all workers. */
  async serve(reader: ReaderName, seconds: number): Promise<RoundReport[]> {
    const answers = await this.#order({ demo: 'serve', reader, seconds }, 'served')
    return answers.map(({ report }) => report)
  }

  /** Asks each worker for its tally. They close their database and end by themselves. */
  async finish(): Promise<Tally[]> {
    const answers = await this.#order({ demo: 'finish' }, 'finished')
    for (const worker of this.#workers) worker.disconnect()
    return answers.map(({ tally }) => tally)
  }

  async #order<Name extends Answer['demo']>(order: Order, awaited: Name): Promise<Named<Name>[]> {
    const answers = this.#answers(awaited)
    for (const worker of this.#workers) worker.send(order)
    return await answers
  }

  async #answers<Name extends Answer['demo']>(awaited: Name): Promise<Named<Name>[]> {
    return await Promise.all(this.#workers.map((worker) => answerOf(worker, awaited)))
  }
}

type Named<Name extends Answer['demo']> = Extract<Answer, { readonly demo: Name }>

/** The next answer of this kind; a worker that dies instead is an error. */
function answerOf<Name extends Answer['demo']>(
  worker: Worker,
  awaited: Name,
): Promise<Named<Name>> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      worker.off('message', onMessage)
      worker.off('exit', onExit)
    }
    const onMessage = (message: unknown): void => {
      if (!isDemoMessage<Answer>(message) || message.demo !== awaited) return
      stop()
      resolve(message as Named<Name>)
    }
    const onExit = (code: number | null, signal: string | null): void => {
      stop()
      reject(new Error(`Worker ${worker.id} ended early (${signal ?? `exit code ${code}`}).`))
    }
    worker.on('message', onMessage)
    worker.on('exit', onExit)
  })
}

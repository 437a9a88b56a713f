import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DatabaseAddress } from '../../../test/support/database-config.ts'
import type { Way } from './contenders.ts'
import type { Page } from './requests.ts'
import type { StaleCount } from './watched-site.ts'

/** What a contender's process is started with. */
export interface ContenderOrder {
  readonly way: Way
  readonly address: DatabaseAddress
  readonly scale: number
  readonly seed: number
  readonly lifetimeSeconds: number
}

/** So many requests, from a number of clients that wait for their answers, or at a rate per second whatever becomes of them. */
export type SliceOrder = { readonly requests: number } & (
  | { readonly kind: 'closed'; readonly clients: number }
  | { readonly kind: 'open'; readonly rate: number }
)

/** What became of a slice. */
export interface SliceResult extends StaleCount {
  readonly requests: number
  /** From the first request to the last answer; as fast as it goes, up to the moment when all that was accepted is in the database. */
  readonly seconds: number
  /** That the process spent, its threads and its visitors included; on SQLite this is the database's time too. */
  readonly cpuSeconds: number
  /** In milliseconds, in the order of the answers. */
  readonly latencies: readonly number[]
  readonly statements: number
  readonly cachedReads: number
  readonly hits: number
}

/** A contender in a process of its own: what it does to its compiler, its heap and its collector is its own. */
export class ContenderProcess {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  static async start(order: ContenderOrder): Promise<ContenderProcess> {
    const program = fileURLToPath(new URL('contender.js', import.meta.url))
    const started = new ContenderProcess(fork(program, [JSON.stringify(order)]))
    await started.#answer()
    return started
  }

  async slice(order: SliceOrder): Promise<SliceResult> {
    this.#child.send(order)
    return (await this.#answer()) as SliceResult
  }

  /** Some pages as it answers them now, with everything that it accepted in the database. */
  async sample(): Promise<readonly Page[]> {
    this.#child.send('sample')
    return (await this.#answer()) as readonly Page[]
  }

  /** Closes it; one that does not end within half a minute is killed. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 30_000)
    this.#child.send('close')
    await ended
    clearTimeout(late)
  }

  /** The next message of the bench; rejects if the process ends instead. */
  async #answer(): Promise<unknown> {
    const ended = new AbortController()
    const left = (): void => ended.abort()
    this.#child.once('exit', left)
    try {
      const [message] = (await once(this.#child, 'message', { signal: ended.signal })) as [unknown]
      return message
    } catch (error) {
      throw ended.signal.aborted ? new Error('A contender ended before it answered.') : error
    } finally {
      this.#child.off('exit', left)
    }
  }
}

import { MillraceError } from '../../base/errors.ts'
import type { Deferred } from '../../base/deferred.ts'
import { deferred } from '../../base/deferred.ts'

/** Something that waits for its place in the next commit. */
interface Waiting<Job> {
  readonly job: Job
  readonly done: Deferred<undefined>
}

/**
 * One commit at a time; whatever comes in meanwhile shares the next one. A job that fails takes those behind it along that
 * `follows` says depend on it, so that a later write never outlives an earlier one.
 */
export class GroupCommit<Job> {
  readonly #commit: (jobs: readonly Job[]) => Promise<void>
  readonly #follows: (job: Job) => boolean
  #waiting: Waiting<Job>[] = []
  #running: Promise<void> | undefined
  #closed = false

  constructor(commit: (jobs: readonly Job[]) => Promise<void>, follows: (job: Job) => boolean) {
    this.#commit = commit
    this.#follows = follows
  }

  /** Resolves when the job's commit is done. */
  add(job: Job): Promise<void> {
    if (this.#closed) {
      return Promise.reject(new MillraceError('MILLRACE_CLOSED', 'The journal is closed.'))
    }
    const done = deferred<undefined>()
    this.#waiting.push({ job, done })
    this.#running ??= this.#run()
    return done.promise
  }

  /** Takes nothing more and resolves when everything taken is done. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running
  }

  async #run(): Promise<void> {
    // What is handed in during the same turn of the event loop goes together.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#commit(group.map((one) => one.job))
        for (const one of group) one.done.resolve(undefined)
      } catch (error) {
        for (const one of group) one.done.reject(error)
        const dragged = this.#waiting.filter((one) => this.#follows(one.job))
        this.#waiting = this.#waiting.filter((one) => !this.#follows(one.job))
        for (const one of dragged) one.done.reject(error)
      }
    }
    this.#running = undefined
  }
}

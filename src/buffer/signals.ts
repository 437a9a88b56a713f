/** What is used of `process`. */
export interface SignalProcess {
  readonly pid: number
  prependListener(event: string, listener: () => void): unknown
  removeListener(event: string, listener: () => void): unknown
  listeners(event: string): readonly unknown[]
  kill(pid: number, signal: string): unknown
}

/** What {@link drainOnSignal} needs. */
export interface DrainOnSignalOptions {
  readonly process: SignalProcess
  /** Accepts nothing more, applies what is pending as far as time allows, and closes. Must settle in bounded time. */
  readonly drain: () => Promise<unknown>
  /** Applies what is pending and goes on accepting. */
  readonly flush: () => Promise<unknown>
}

const signal = 'SIGTERM'

/** Marks the listeners of every Millrace in the process, whichever copy of the package made them. */
const mark = Symbol.for('millrace.drain')

/**
 * Applies what is pending when the process is asked to end; call it when the buffer is first used. Nothing acknowledged depends
 * on it: what is not applied waits in the journal.
 *
 * - SIGTERM, and nobody else listens: the buffer drains, then the signal is raised again without this listener, so that the
 *   process ends as it would have. A second SIGTERM ends it at once.
 * - SIGTERM, and the application listens: it ends in its own way and may still write, so the buffer only flushes. The
 *   application calls `close()`. So it is in the first process of a container, which the kernel lets live on.
 * - The event loop runs empty (`beforeExit`): the buffer flushes, once. Its timers keep no program alive.
 *
 * Returns what takes the listeners away.
 */
export function drainOnSignal(options: DrainOnSignalOptions): () => void {
  const { process } = options
  let draining = false
  let flushed = false

  const end = (): void => {
    remove()
    // Another Millrace may still be draining; the last one ends the process.
    if (process.listeners(signal).length === 0) process.kill(process.pid, signal)
  }
  const onSignal = Object.assign(
    (): void => {
      if (draining) {
        end()
      } else if (process.pid !== 1 && process.listeners(signal).every(isOurs)) {
        draining = true
        settled(options.drain(), end)
      } else {
        settled(options.flush(), nothing)
      }
    },
    { [mark]: true },
  )
  const onEmpty = (): void => {
    if (flushed) return
    flushed = true
    settled(options.flush(), nothing)
  }
  function remove(): void {
    process.removeListener(signal, onSignal)
    process.removeListener('beforeExit', onEmpty)
  }

  // In front: a `once` listener of the application that ran before would be gone from the list.
  process.prependListener(signal, onSignal)
  process.prependListener('beforeExit', onEmpty)
  return remove
}

function isOurs(listener: unknown): boolean {
  return typeof listener === 'function' && mark in listener
}

/** The buffer has reported a failure itself; here it changes nothing. */
function settled(work: Promise<unknown>, then: () => void): void {
  void work.then(then, then)
}

function nothing(): void {
  // Waited for by nobody.
}

import type { Message } from '../../../src/contract/bus.ts'
import type { OpenIdentities, PrimaryChannel } from '../../../src/stores/cluster/primary-channel.ts'
import type { WorkerChannel } from '../../../src/stores/cluster/worker-channel.ts'

/** How a message travels from one end to the other: later, in order. */
export type Carry = (deliver: () => void) => void

/** A worker that lives in this process. */
export interface LocalWorker {
  readonly id: number
  readonly channel: WorkerChannel
  /** As a killed process: nothing more is sent or heard, and the primary learns of the exit. */
  kill(): void
  /** As a broken channel of a process that lives on. */
  disconnect(): void
}

/** A primary and its workers in one process, with Node's rules: in order, as JSON, never in the same turn. */
export class LocalCluster {
  readonly open: OpenIdentities = new Set()
  /** Messages carried so far, workers to primary and back. */
  sent = 0
  readonly #carry: Carry
  readonly #toPrimary = new Set<(worker: number, message: unknown) => void>()
  readonly #exits = new Set<(worker: number) => void>()
  readonly #toWorker = new Map<number, (message: unknown) => void>()
  #lastWorker = 0

  constructor(carry: Carry = (deliver) => void setImmediate(deliver)) {
    this.#carry = carry
  }

  primary(): PrimaryChannel {
    const undo: (() => void)[] = []
    const listen = <T>(set: Set<T>, handler: T): void => {
      set.add(handler)
      undo.push(() => set.delete(handler))
    }
    return {
      open: this.open,
      send: (worker, message) => this.#pass(message, (copy) => this.#toWorker.get(worker)?.(copy)),
      onMessage: (handler) => listen(this.#toPrimary, handler),
      onExit: (handler) => listen(this.#exits, handler),
      close: () => undo.forEach((each) => each()),
    }
  }

  worker(): LocalWorker {
    const id = ++this.#lastWorker
    const handlers: ((message: unknown) => void)[] = []
    const closed: (() => void)[] = []
    let connected = true
    let alive = true
    this.#toWorker.set(id, (message) => handlers.forEach((handler) => handler(message)))
    const cut = (): void => {
      connected = false
      this.#toWorker.delete(id)
    }
    return {
      id,
      channel: {
        send: (message, onFailure) => {
          if (!connected) onFailure(new Error('ERR_IPC_CHANNEL_CLOSED'))
          else {
            this.#pass(message, (copy) => {
              if (alive) this.#toPrimary.forEach((handler) => handler(id, copy))
            })
          }
        },
        onMessage: (handler) => void handlers.push(handler),
        onClosed: (handler) => void closed.push(handler),
        close: () => void (handlers.length = closed.length = 0),
      },
      kill: () => {
        cut()
        handlers.length = closed.length = 0
        this.#carry(() => {
          alive = false
          this.#exits.forEach((handler) => handler(id))
        })
      },
      disconnect: () => {
        cut()
        closed.forEach((handler) => handler())
      },
    }
  }

  #pass(message: Message, deliver: (copy: unknown) => void): void {
    this.sent++
    const copy: unknown = JSON.parse(JSON.stringify(message))
    this.#carry(() => deliver(copy))
  }
}

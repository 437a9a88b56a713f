import type { Message } from '../../contract/bus.ts'

/** The identities of the Millraces that are open in this primary, one entry per hub. */
export type OpenIdentities = Set<{ readonly identity: string }>

/** The primary's end of every worker's message channel. */
export interface PrimaryChannel {
  /** Sends to a worker. Never throws: a message to a dead or disconnected worker vanishes. */
  send(worker: number, message: Message): void
  /** Hears messages of workers that are not known to be dead. */
  onMessage(handler: (worker: number, message: unknown) => void): void
  /** Called when a worker's process has exited; a mere disconnect is not death. */
  onExit(handler: (worker: number) => void): void
  /** Shared by all hubs of this primary, those of another copy of the package included. */
  readonly open: OpenIdentities
  /** Stops listening. */
  close(): void
}

/** What {@link clusterChannel} calls of a `Worker`. */
export interface ClusterWorker {
  readonly id: number
  isConnected(): boolean
  isDead(): boolean
  send(
    message: unknown,
    handle: undefined,
    options: undefined,
    done: (error: Error | null) => void,
  ): boolean
}

/** What {@link clusterChannel} calls of `node:cluster` in the primary. */
export interface ClusterPrimary {
  readonly workers?: Readonly<Record<string, ClusterWorker | undefined>>
  on(event: 'message', listener: (worker: ClusterWorker, message: unknown) => void): unknown
  on(event: 'exit', listener: (worker: ClusterWorker) => void): unknown
  off(event: 'message', listener: (worker: ClusterWorker, message: unknown) => void): unknown
  off(event: 'exit', listener: (worker: ClusterWorker) => void): unknown
}

/**
 * Where the hubs of one primary find each other: on the cluster object itself, which is one per process however many copies of this package
 * are loaded. A hub needs it only to tell a worker "none of us is yours"; nothing else is shared.
 */
const openKey = Symbol.for('millrace.open')

/** The channels of this primary's workers. The application's own messages pass by untouched. */
export function clusterChannel(cluster: ClusterPrimary): PrimaryChannel {
  const shared: ClusterPrimary & { [openKey]?: OpenIdentities } = cluster
  const open = shared[openKey] ?? new Set()
  shared[openKey] = open
  const undo: (() => void)[] = []
  return {
    send(id, message) {
      const worker = cluster.workers?.[String(id)]
      if (worker?.isConnected() !== true) return
      try {
        worker.send(message, undefined, undefined, ignore)
      } catch {
        // Closed in this moment: its exit will be told.
      }
    },
    onMessage(handler) {
      const listener = (worker: ClusterWorker, message: unknown): void => {
        // What a dead worker left in the pipe comes after its exit was told: a mark taken from it would never end.
        if (!worker.isDead()) handler(worker.id, message)
      }
      cluster.on('message', listener)
      undo.push(() => cluster.off('message', listener))
    },
    onExit(handler) {
      const listener = (worker: ClusterWorker): void => handler(worker.id)
      cluster.on('exit', listener)
      undo.push(() => cluster.off('exit', listener))
    },
    open,
    close() {
      for (const each of undo.splice(0)) each()
    },
  }
}

const ignore = (): void => {
  // A failed send means that the worker disconnected; what that means is decided at its exit.
}

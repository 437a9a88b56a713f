import type { Message } from '../../../src/contract/bus.ts'
import { ClusterHub } from '../../../src/stores/cluster/cluster-hub.ts'
import { openClusterStore } from '../../../src/stores/cluster/cluster-store.ts'
import { openClusterBus } from '../../../src/stores/cluster/open-cluster-bus.ts'
import type { OpenIdentities, PrimaryChannel } from '../../../src/stores/cluster/primary-channel.ts'
import { serveStore } from '../../../src/stores/cluster/serve-store.ts'
import type { WorkerChannel } from '../../../src/stores/cluster/worker-channel.ts'
import { Broadcast } from './broadcast.ts'
import { Channel } from './channel.ts'
import type { Deployment, DeploymentParts, Place } from './deployment.ts'
import { heapStore } from './memory-deployment.ts'
import type { Stage, Step } from './stage.ts'

/** The process that has the store; scenarios may let it read and write too. */
export const primary = 'primary'

const identity = 'explored'

/** The wires between a primary and its workers, with Node's rules: in order, as JSON, and what a dead worker left may be lost. */
class Wires {
  readonly #stage: Stage
  readonly #open: OpenIdentities = new Set()
  readonly #workers: string[] = []
  readonly #up = new Map<string, Channel<unknown>>()
  readonly #down = new Map<string, Channel<unknown>>()
  readonly #ends = new Map<string, WorkerEnd>()
  readonly #heard: ((worker: number, message: unknown) => void)[] = []
  readonly #exits: ((worker: number) => void)[] = []

  constructor(stage: Stage) {
    this.#stage = stage
  }

  primaryEnd(): PrimaryChannel {
    return {
      open: this.#open,
      send: (id, message) => {
        const worker = this.#workers[id]
        if (worker === undefined) return
        this.#stage.trace.looksAt(`line of ${worker}`)
        const end = this.#ends.get(worker)
        if (end?.connected !== true || end.silent) return
        this.#down.get(worker)?.send(copied(message))
      },
      onMessage: (handler) => void this.#heard.push(handler),
      onExit: (handler) => void this.#exits.push(handler),
      close: () => undefined,
    }
  }

  workerEnd(worker: string): WorkerChannel {
    const id = this.#workers.push(worker) - 1
    const end = new WorkerEnd()
    const up = new Channel<unknown>(this.#stage, `${worker}'s message to the primary`, (message) =>
      this.#heard.forEach((handler) => handler(id, message)),
    )
    const down = new Channel<unknown>(
      this.#stage,
      `the primary's message to ${worker}`,
      (message) => end.handlers.forEach((handler) => handler(message)),
    )
    this.#ends.set(worker, end)
    this.#up.set(worker, up)
    this.#down.set(worker, down)
    return {
      send: (message, onFailure) => {
        this.#stage.trace.looksAt(`line of ${worker}`)
        if (end.silent) return
        if (end.connected) up.send(copied(message))
        else onFailure(new Error('ERR_IPC_CHANNEL_CLOSED'))
      },
      onMessage: (handler) => void end.handlers.push(handler),
      onClosed: (handler) => void end.closed.push(handler),
      close: () => void (end.handlers.length = end.closed.length = 0),
    }
  }

  steps(): Step[] {
    const steps: Step[] = []
    for (const worker of this.#workers) {
      steps.push(...this.#up.get(worker)!.steps(), ...this.#down.get(worker)!.steps())
    }
    return steps
  }

  isTravelling(worker: string): boolean {
    const workers = worker === primary ? this.#workers : [worker]
    return workers.some(
      (name) => this.#up.get(name)?.isEmpty === false || this.#down.get(name)?.isEmpty === false,
    )
  }

  /** As a process that is killed; with the primary, its workers lose their lines. */
  kill(process: string): void {
    if (process === primary) {
      for (const worker of this.#workers) {
        this.#up.get(worker)!.drop()
        this.disconnect(worker)
      }
      return
    }
    this.#cut(process)
    this.#stage.offer(`the primary learns that ${process} has exited`, () => this.exit(process))
  }

  /** As a primary that has stopped: nobody is told, and nothing arrives any more. */
  silence(worker: string): void {
    const end = this.#ends.get(worker)!
    this.#stage.trace.changes(`line of ${worker}`)
    end.silent = true
    this.#up.get(worker)!.drop()
    this.#down.get(worker)!.drop()
  }

  /** As a worker that disconnects and lives on. */
  disconnect(worker: string): void {
    const closed = [...this.#ends.get(worker)!.closed]
    this.#cut(worker)
    for (const handler of closed) handler()
  }

  /** The primary is told, and hears no more of what is still in the pipe. */
  exit(worker: string): void {
    this.#up.get(worker)!.drop()
    const id = this.#workers.indexOf(worker)
    for (const handler of this.#exits) handler(id)
  }

  #cut(worker: string): void {
    const end = this.#ends.get(worker)!
    this.#stage.trace.changes(`line of ${worker}`)
    end.connected = false
    end.handlers.length = end.closed.length = 0
    this.#down.get(worker)!.drop()
  }
}

class WorkerEnd {
  connected = true
  silent = false
  readonly handlers: ((message: unknown) => void)[] = []
  readonly closed: (() => void)[] = []
}

function copied(message: Message): unknown {
  return JSON.parse(JSON.stringify(message))
}

/** A primary and a worker for each other name of the scenario. */
export async function openCluster(parts: DeploymentParts): Promise<Deployment> {
  const { stage, processes, codec, flaws } = parts
  const wires = new Wires(stage)
  const hub = new ClusterHub({ channel: wires.primaryEnd(), identity, defer: stage.defer })
  const store = heapStore(parts, primary)
  serveStore(hub, store, codec)
  hub.listen()
  const broadcast = new Broadcast(stage, [...new Set([primary, ...processes])])
  const seen = (place: Place): Place => {
    const { name, clock } = place
    const from = { name, stage, clock, codec, ...broadcast.end(name) }
    return { ...place, store: flaws.seen?.(place.store, from) ?? place.store }
  }
  const places = new Map<string, Place>()
  for (const name of processes) {
    const clock = stage.clockOf(name)
    if (name === primary) {
      places.set(name, seen({ name, clock, store }))
      continue
    }
    const opening = openWorker(parts, wires.workerEnd(name), name)
    places.set(name, seen({ name, clock, store: await delivered(stage, wires, opening) }))
  }
  return {
    places,
    steps: () => [...wires.steps(), ...broadcast.steps()],
    isTravelling: (process) => wires.isTravelling(process),
    kill: (process) => wires.kill(process),
    disconnect: (process) => {
      wires.disconnect(process)
      if (flaws.disconnectIsExit === true) wires.exit(process)
    },
    silence: (process) => wires.silence(process),
    exit: (process) => wires.exit(process),
    dependants: (process) =>
      process === primary ? processes.filter((name) => name !== primary) : [],
  }
}

async function openWorker(
  { stage, codec, flaws }: DeploymentParts,
  channel: WorkerChannel,
  name: string,
): Promise<Place['store']> {
  const clock = stage.clockOf(name)
  const { defer } = stage
  const bus = await openClusterBus({ channel, identity, clock, defer, newLink: () => name })
  const { answerTimeoutMs } = flaws
  const limit = answerTimeoutMs === undefined ? {} : { answerTimeoutMs }
  return await openClusterStore({ bus, codec, clock, ...limit })
}

/** Delivers everything until the promise has its answer. */
async function delivered<T>(stage: Stage, wires: Wires, promise: Promise<T>): Promise<T> {
  let done = false
  const note = (): void => {
    done = true
  }
  promise.then(note, note)
  await stage.quiet()
  while (!done) {
    for (const step of wires.steps()) step.take()
    await stage.quiet()
  }
  return await promise
}

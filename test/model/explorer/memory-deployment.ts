import { createMemoryStore } from '../../../src/stores/memory/memory-store.ts'
import type { OwnedStore } from '../../../src/stores/cluster/owned-store.ts'
import { Broadcast } from './broadcast.ts'
import type { Deployment, DeploymentParts, Place } from './deployment.ts'
import { RecordedStore } from './recorded-store.ts'
import { RestartingStore } from './restarting-store.ts'

/** Entries find room, whatever a history does. */
export const roomy = { maxEntries: 100, maxBytes: 1e6, maxKeysByTable: new Map<string, number>() }

/** The memory store as the deployments of one heap use it. No sweep: it drops only what nobody would be served any more. */
export function heapStore(
  parts: DeploymentParts,
  owner: string,
  name = 'store',
  restarts = 0,
): OwnedStore {
  const { stage, slotCount, flaws, schemaSlot } = parts
  const { trace } = stage
  let lives = 0
  const open = (): OwnedStore => {
    const epoch = flaws.oneEpoch === true ? 'the only one' : `epoch ${++lives}`
    const store = createMemoryStore({
      bounds: roomy,
      clock: stage.clockOf(owner, name),
      slotCount,
      sweepIntervalMs: Infinity,
      newEpoch: () => epoch,
    })
    flaws.heap?.(store, stage)
    return store
  }
  const real = restarts === 0 ? open() : new RestartingStore(open, stage, schemaSlot, restarts)
  const used = flaws.owned?.(real, stage) ?? real
  const coarse = flaws.coarse === true
  return new RecordedStore(used, name, { trace, coarse, schemaSlot, widens: restarts > 0 })
}

/** One process, whose store is its own; every name of the scenario is this process. */
export function openMemory(parts: DeploymentParts): Promise<Deployment> {
  return openOne(parts, 0)
}

/** The same with a store that may lose its state once, at any time. */
export function openRestartingMemory(parts: DeploymentParts): Promise<Deployment> {
  return openOne(parts, 1)
}

async function openOne(parts: DeploymentParts, restarts: number): Promise<Deployment> {
  const { stage, processes, codec, flaws } = parts
  const store = heapStore(parts, 'store', 'store', restarts)
  const name = 'app'
  const clock = stage.clockOf(name)
  const broadcast = new Broadcast(stage, [name])
  const from = { name, stage, clock, codec, ...broadcast.end(name) }
  const place: Place = { name, clock, store: flaws.seen?.(store, from) ?? store }
  return {
    places: new Map(processes.map((process) => [process, place])),
    isForgetful: restarts > 0,
    steps: () => [],
    isTravelling: () => false,
  }
}

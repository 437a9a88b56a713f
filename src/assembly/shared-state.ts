import cluster from 'node:cluster'
import { createHash } from 'node:crypto'
import { systemClock } from '../base/clock.ts'
import { DatabaseLives } from '../coherence/database-lives.ts'
import type { LifeRegister } from '../coherence/database-lives.ts'
import { RemoteLives, serveLives } from '../coherence/remote-lives.ts'
import type { Bus, BusHub } from '../contract/bus.ts'
import type { Codec } from '../contract/codec.ts'
import type { Store, StoreBounds } from '../contract/store.ts'
import type { OpenedConnection } from '../knex/open-connection.ts'
import type { ResolvedOptions } from '../options/resolved-options.ts'
import { clusterChannel } from '../stores/cluster/primary-channel.ts'
import { ClusterHub } from '../stores/cluster/cluster-hub.ts'
import { openClusterBus } from '../stores/cluster/open-cluster-bus.ts'
import { openClusterStore } from '../stores/cluster/cluster-store.ts'
import { serveStore } from '../stores/cluster/serve-store.ts'
import { processChannel } from '../stores/cluster/worker-channel.ts'
import { createMemoryStore } from '../stores/memory/memory-store.ts'

/** The parts that processes share, from where this process stands. */
export interface SharedState {
  readonly store: Store
  /** Which lives of the databases are known, beside the authority. */
  readonly lives: LifeRegister
  /** In a worker: the line to the primary, which owns the store and the write buffer. */
  readonly bus: Bus | undefined
  /** In the owner: the ends of the workers' lines. */
  readonly hub: BusHub | undefined
  /** How many marks stand in the authority of this process, of its workers too; none where another process has it. */
  unsettledMarks(): number
  /** Begins to answer workers; call it when every part is served. */
  listen(): void
  /** Stops answering and closes the store. */
  close(): Promise<void>
}

/**
 * Opens the store that the options name. `'memory'` is the primary's in a worker of `node:cluster`: `identity` tells which
 * Millrace of the primary is meant, if it has several.
 */
export async function openSharedState(
  options: Pick<ResolvedOptions, 'store'>,
  bounds: StoreBounds,
  identity: string,
  codec: Codec,
): Promise<SharedState> {
  if (options.store !== 'memory') return alone(await options.store.open(bounds))
  if (cluster.isWorker) return await inWorker(identity, codec)
  const store = createMemoryStore({ bounds, clock: systemClock })
  const channel = clusterChannel(cluster)
  const hub = new ClusterHub({ channel, identity })
  serveStore(hub, store, codec)
  const lives = new DatabaseLives(store.authority)
  serveLives(hub, lives)
  return {
    store,
    lives,
    bus: undefined,
    hub,
    unsettledMarks: () => store.authority.standingMarks,
    listen: () => hub.listen(),
    close: async () => {
      hub.close()
      await store.close()
    },
  }
}

/**
 * Which Millrace this is: the same for every process that opened the same databases under the same names, with the same partition
 * columns. A writer without them would not touch the tags that another process's queries depend on.
 */
export function identityOf(
  connections: Iterable<OpenedConnection>,
  partition: ReadonlyMap<string, readonly string[]>,
): string {
  const named = byName(
    Array.from(connections, ({ name, dialect, identity, client }) => {
      // MySQL's identity is the server's alone.
      const database =
        dialect === 'mysql' ? (client.connectionSettings?.['database'] ?? null) : null
      return [name, [identity, database]] as const
    }),
  )
  const told = JSON.stringify([named, byName([...partition])])
  return createHash('sha256').update(told).digest('base64url')
}

function byName<T>(pairs: (readonly [string, T])[]): (readonly [string, T])[] {
  return pairs.sort(([a], [b]) => (a < b ? -1 : 1))
}

function alone(store: Store): SharedState {
  return {
    store,
    lives: new DatabaseLives(store.authority),
    bus: undefined,
    hub: undefined,
    unsettledMarks: () => 0,
    listen: () => undefined,
    close: () => store.close(),
  }
}

async function inWorker(identity: string, codec: Codec): Promise<SharedState> {
  const bus = await openClusterBus({
    channel: processChannel(process),
    identity,
    clock: systemClock,
  })
  const store = await openClusterStore({ bus, codec, clock: systemClock })
  return {
    store,
    lives: new RemoteLives(bus, systemClock),
    bus,
    hub: undefined,
    unsettledMarks: () => 0,
    listen: () => undefined,
    close: async () => {
      await store.close()
      bus.close()
    },
  }
}

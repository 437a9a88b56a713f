import { createValueCodec } from '../../src/codec/value-codec.ts'
import { ClusterHub } from '../../src/stores/cluster/cluster-hub.ts'
import { openClusterStore } from '../../src/stores/cluster/cluster-store.ts'
import { openClusterBus } from '../../src/stores/cluster/open-cluster-bus.ts'
import { serveStore } from '../../src/stores/cluster/serve-store.ts'
import { createMemoryStore } from '../../src/stores/memory/memory-store.ts'
import type { RigOptions, StoreRig } from '../../src/testing/store-conformance.ts'
import { LocalCluster } from '../stores/cluster/channel-pair.ts'
import type { LocalWorker } from '../stores/cluster/channel-pair.ts'

const identity = 'under test'

export function memoryRig(options: RigOptions): StoreRig {
  const store = createMemoryStore(options)
  return { ends: [store, store], codec: createValueCodec(), close: () => store.close() }
}

/** A cluster in this process: the first end is the primary's own store, or that of another worker. */
export async function clusterRig(
  options: RigOptions,
  firstIs: 'primary' | 'worker',
): Promise<StoreRig> {
  const codec = createValueCodec()
  const cluster = new LocalCluster()
  const store = createMemoryStore(options)
  const hub = new ClusterHub({ channel: cluster.primary(), identity })
  serveStore(hub, store, codec)
  hub.listen()
  const open = async (worker: LocalWorker) => {
    const { clock } = options
    const bus = await openClusterBus({ channel: worker.channel, identity, clock })
    return openClusterStore({ bus, codec, clock, answerTimeoutMs: 1e13 })
  }
  const worker = cluster.worker()
  const first = firstIs === 'primary' ? store : await open(cluster.worker())
  const gone = new Promise<void>((resolve) => hub.onPeerGone(() => resolve()))
  return {
    ends: [first, await open(worker)],
    codec,
    killSecond: () => {
      worker.kill()
      return gone
    },
    close: async () => {
      hub.close()
      await store.close()
    },
  }
}

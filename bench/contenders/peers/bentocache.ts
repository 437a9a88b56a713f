import type { Contender } from '../contender.ts'
import type { Post } from '../posts.ts'
import { loadPeer } from './peer-package.ts'
import { PostSource } from '../post-source.ts'

interface Package {
  readonly BentoCache: new (options: {
    readonly default: string
    readonly stores: Readonly<Record<string, unknown>>
  }) => {
    getOrSet(options: {
      readonly key: string
      readonly ttl: string
      factory(): Promise<readonly Post[]>
    }): Promise<readonly Post[]>
    delete(options: { readonly key: string }): Promise<boolean>
    disconnectAll(): Promise<void>
  }
  bentostore(): { useL1Layer(driver: unknown): unknown }
}

interface MemoryDriver {
  memoryDriver(options: { readonly maxSize: string; readonly maxItems: number }): unknown
}

/** Its memory layer as it is by default: values are serialised, so each caller has a copy of its own. */
export const bentocache: Contender = {
  id: 'bentocache',
  title: 'bentocache, memory',
  database: 'sqlite',
  race: 'postgres',
  packages: ['bentocache'],
  promises: { invalidation: 'by hand', answer: 'a copy', stale: 'possible' },
  async open(address) {
    const { BentoCache, bentostore } = await loadPeer<Package>('bentocache')
    const { memoryDriver } = await loadPeer<MemoryDriver>('bentocache', 'bentocache/drivers/memory')
    const store = bentostore().useL1Layer(memoryDriver({ maxSize: '64mb', maxItems: 10_000 }))
    const bento = new BentoCache({ default: 'memory', stores: { memory: store } })
    const source = new PostSource(address)
    return {
      ask: (question) => (value) =>
        bento.getOrSet({
          key: `posts:${question.name}:${question.by}:${value}`,
          ttl: '1h',
          factory: () => source.load(question, value),
        }),
      loads: () => source.loads,
      retitle: (id, title) => source.retitle(id, title),
      forget: (id) => bento.delete({ key: `posts:row:id:${id}` }),
      async close() {
        await bento.disconnectAll()
        await source.close()
      },
    }
  },
}

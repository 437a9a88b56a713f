import type { Contender } from '../contender.ts'
import type { Post } from '../posts.ts'
import { loadPeer } from './peer-package.ts'
import { PostSource } from '../post-source.ts'

interface Package {
  readonly Loader: new (options: {
    readonly inMemoryCache: {
      readonly cacheType: 'lru-map'
      readonly ttlInMsecs: number
      readonly maxItems: number
    }
    dataSourceGetOneFn(key: string): Promise<readonly Post[]>
  }) => PostLoader
}

interface PostLoader {
  get(key: string): Promise<readonly Post[]>
  invalidateCacheFor(key: string): Promise<void>
}

/** A loader for each question with its memory cache; all callers share one answer. */
export const layeredLoader: Contender = {
  id: 'layered-loader',
  title: 'layered-loader, memory',
  database: 'sqlite',
  race: 'postgres',
  packages: ['layered-loader'],
  promises: { invalidation: 'by hand', answer: 'shared', stale: 'possible' },
  async open(address) {
    const { Loader } = await loadPeer<Package>('layered-loader')
    const source = new PostSource(address)
    const byKey: PostLoader[] = []
    return {
      ask(question) {
        const loader = new Loader({
          inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: 3_600_000, maxItems: 10_000 },
          dataSourceGetOneFn: (key) => source.load(question, Number(key)),
        })
        if (question.by === 'id') byKey.push(loader)
        return (value) => loader.get(String(value))
      },
      loads: () => source.loads,
      retitle: (id, title) => source.retitle(id, title),
      forget: (id) => Promise.all(byKey.map((loader) => loader.invalidateCacheFor(String(id)))),
      close: () => source.close(),
    }
  },
}

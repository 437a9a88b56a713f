import type { Contender } from '../contender.ts'
import type { Post } from '../posts.ts'
import { loadPeer } from './peer-package.ts'
import { PostSource } from '../post-source.ts'

interface Package {
  createCache(options: {
    readonly ttl: number
    readonly storage: { readonly type: 'memory'; readonly options: { readonly size: number } }
  }): DefiningCache
}

interface DefiningCache {
  /** Adds a method of that name. */
  define(name: string, load: (value: number) => Promise<readonly Post[]>): unknown
  clear(name: string, value: number): Promise<void>
}

/** A function for each question, keyed by its argument; all callers share one answer. */
export const asyncCacheDedupe: Contender = {
  id: 'async-cache-dedupe',
  title: 'async-cache-dedupe, memory',
  database: 'sqlite',
  race: 'postgres',
  packages: ['async-cache-dedupe'],
  promises: { invalidation: 'by hand', answer: 'shared', stale: 'possible' },
  async open(address) {
    const { createCache } = await loadPeer<Package>('async-cache-dedupe')
    const cache = createCache({
      ttl: 3600,
      storage: { type: 'memory', options: { size: 10_000 } },
    })
    const source = new PostSource(address)
    return {
      ask(question) {
        const name = `fetch-${question.name}`
        cache.define(name, (value) => source.load(question, value))
        const defined = cache as unknown as Readonly<
          Record<string, (value: number) => Promise<readonly Post[]>>
        >
        return (value) => defined[name]?.(value) ?? Promise.reject(new Error(`No ${name}.`))
      },
      loads: () => source.loads,
      retitle: (id, title) => source.retitle(id, title),
      forget: (id) => cache.clear('fetch-row', id),
      close: () => source.close(),
    }
  },
}

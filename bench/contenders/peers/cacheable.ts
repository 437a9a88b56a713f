import type { Contender } from '../contender.ts'
import type { Post } from '../posts.ts'
import { loadPeer } from './peer-package.ts'
import { PostSource } from '../post-source.ts'

interface Package {
  readonly Cacheable: new (options: { readonly ttl: string }) => {
    getOrSet(
      key: string,
      load: () => Promise<readonly Post[]>,
      options: { readonly ttl: string },
    ): Promise<readonly Post[] | undefined>
    delete(key: string): Promise<boolean>
    disconnect(): Promise<void>
  }
}

/** Its memory store as it is by default: what is read is a clone. */
export const cacheable: Contender = {
  id: 'cacheable',
  title: 'cacheable, memory',
  database: 'sqlite',
  race: 'postgres',
  packages: ['cacheable'],
  promises: { invalidation: 'by hand', answer: 'a copy', stale: 'possible' },
  async open(address) {
    const { Cacheable } = await loadPeer<Package>('cacheable')
    const cache = new Cacheable({ ttl: '1h' })
    const source = new PostSource(address)
    return {
      ask: (question) => async (value) => {
        const key = `posts:${question.name}:${question.by}:${value}`
        return (await cache.getOrSet(key, () => source.load(question, value), { ttl: '1h' })) ?? []
      },
      loads: () => source.loads,
      retitle: (id, title) => source.retitle(id, title),
      forget: (id) => cache.delete(`posts:row:id:${id}`),
      async close() {
        await cache.disconnect()
        await source.close()
      },
    }
  },
}

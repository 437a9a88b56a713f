import { PostSource } from './post-source.ts'
import type { Contender } from './contender.ts'
import type { Post } from './posts.ts'

/** The least that a cache in the process can cost: a `Map`, with keys that the application makes. Nothing bounds it, nothing ends. */
export const plainMap: Contender = {
  id: 'map',
  title: 'a Map, keys by hand',
  database: 'sqlite',
  race: 'postgres',
  packages: [],
  promises: { invalidation: 'by hand', answer: 'shared', stale: 'possible' },
  open(address) {
    const source = new PostSource(address)
    const all: Map<string, Promise<readonly Post[]>>[] = []
    return Promise.resolve({
      ask(question) {
        const answers = new Map<string, Promise<readonly Post[]>>()
        all.push(answers)
        return (value) => {
          const key = `${question.by}:${value}`
          const known = answers.get(key)
          if (known !== undefined) return known
          const answer = source.load(question, value)
          answers.set(key, answer)
          return answer
        }
      },
      loads: () => source.loads,
      retitle: (id, title) => source.retitle(id, title),
      forget: (id) => all.map((answers) => answers.delete(`id:${id}`)),
      close: () => source.close(),
    })
  },
}

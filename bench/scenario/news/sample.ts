import type { Dataset } from './dataset.ts'
import { answer, type Page } from './requests.ts'
import type { NewsReads, NewsSite } from './site.ts'
import { Workload } from './workload.ts'

/** The pages that are compared, and how many of each. */
const kinds = ['story', 'front', 'user', 'comments', 'recent'] as const
const ofEach = 12

/** Pages of all kinds, drawn as visitors would ask for them; nothing is written. The same for every contender that answers rightly. */
export async function samplePages(
  reads: NewsReads,
  dataset: Dataset,
  seed: number,
): Promise<readonly Page[]> {
  const site: NewsSite = { ...reads, ...readOnly }
  const workload = new Workload(dataset, seed + 1000)
  const sampled: Page[] = []
  for (const kind of kinds) {
    for (let left = ofEach; left > 0;) {
      const request = workload.next()
      if (request.kind !== kind) continue
      sampled.push(await answer(site, request))
      left -= 1
    }
  }
  return sampled
}

const refused = (): Promise<never> => Promise.reject(new Error('A sample writes nothing.'))
const readOnly = {
  markRead: () => Promise.resolve(),
  voteOnStory: refused,
  voteOnComment: refused,
  comment: refused,
  submit: refused,
  login: refused,
}

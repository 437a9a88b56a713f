import { repeatable, Weighted } from '../../random.ts'
import {
  commentsPerStory,
  drawFrom,
  fullSize,
  votesPerComment,
  votesPerStory,
  votesPerUser,
} from './shape.ts'

export interface SeededUser {
  readonly id: number
  readonly name: string
  /** How many votes a user gives: how often one is there. */
  readonly weight: number
}

export interface SeededStory {
  readonly id: number
  readonly shortId: string
  readonly user: number
  readonly score: number
  readonly tags: readonly number[]
}

export interface SeededComment {
  readonly id: number
  readonly story: number
  readonly user: number
  readonly parent: number | null
  readonly score: number
}

/** What is in the tables before the first request; ids count from 1, in the order of the lists. */
export interface Dataset {
  readonly users: readonly SeededUser[]
  readonly tags: readonly string[]
  readonly stories: readonly SeededStory[]
  readonly comments: readonly SeededComment[]
  /** By user: how many stories and comments one has written. */
  readonly storiesOf: ReadonlyMap<number, number>
  readonly commentsOf: ReadonlyMap<number, number>
}

const tagCount = 60

/** The data of a scale (1 is that of the site) and a seed: the same two make the same data, in every process. */
export function makeDataset(scale: number, seed: number): Dataset {
  const random = repeatable(seed)
  const upTo = (count: number): number => 1 + Math.floor(random() * count)
  const users = Array.from(
    { length: Math.max(20, Math.round(fullSize.users * scale)) },
    (_, at) => ({
      id: at + 1,
      name: `user${at + 1}`,
      weight: Math.max(1, drawFrom(votesPerUser, random)),
    }),
  )
  const author = new Weighted(
    users.map(({ weight }) => weight),
    random,
  )
  // Nobody votes twice.
  const score = (votes: number): number => Math.min(users.length, Math.max(1, votes))
  const stories: SeededStory[] = []
  const comments: SeededComment[] = []
  const count = Math.max(100, Math.round(fullSize.stories * scale))
  for (let id = 1; id <= count; id++) {
    const first = upTo(tagCount)
    const second = upTo(tagCount)
    stories.push({
      id,
      shortId: shortIdOf(id),
      user: author.next() + 1,
      score: score(drawFrom(votesPerStory, random)),
      tags: first === second || random() < 0.5 ? [first] : [first, second],
    })
    const firstComment = comments.length + 1
    for (let left = drawFrom(commentsPerStory, random); left > 0; left--) {
      const comment = comments.length + 1
      const replies = comment > firstComment && random() < 0.5
      comments.push({
        id: comment,
        story: id,
        user: author.next() + 1,
        parent: replies ? firstComment + Math.floor(random() * (comment - firstComment)) : null,
        score: score(drawFrom(votesPerComment, random)),
      })
    }
  }
  return {
    users,
    tags: Array.from({ length: tagCount }, (_, at) => `tag${at + 1}`),
    stories,
    comments,
    storiesOf: countByUser(stories),
    commentsOf: countByUser(comments),
  }
}

/** How a story is called in its address. */
export function shortIdOf(story: number): string {
  return `s${story.toString(36).padStart(5, '0')}`
}

function countByUser(written: readonly { readonly user: number }[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const { user } of written) counts.set(user, (counts.get(user) ?? 0) + 1)
  return counts
}

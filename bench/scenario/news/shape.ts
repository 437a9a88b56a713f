/**
 * What is known of a news site's traffic and data: the requests that lobste.rs published for 2018-03-12, and how votes and comments were
 * spread then. Votes per user come in bins of a hundred, all else in bins of ten.
 */

/** A request, by what its visitor does. */
export type RequestKind =
  | 'story'
  | 'front'
  | 'user'
  | 'comments'
  | 'recent'
  | 'comment-upvote'
  | 'story-upvote'
  | 'comment'
  | 'login'
  | 'reply'
  | 'comment-downvote'
  | 'submit'
  | 'story-downvote'
  | 'logout'

/** How requests are mixed, in thousandths of a percent; they add up to 100,001. */
export const requestMix: Readonly<Record<RequestKind, number>> = {
  story: 55_842,
  front: 30_105,
  user: 6702,
  comments: 4674,
  recent: 967,
  'comment-upvote': 630,
  'story-upvote': 475,
  comment: 316,
  login: 87,
  reply: 71,
  'comment-downvote': 54,
  submit: 53,
  'story-downvote': 21,
  logout: 3,
}

/** How many there are at scale 1. The number of comments follows from {@link commentsPerStory}. */
export const fullSize = { stories: 41_000, users: 5700 } as const

/** A distribution in bins of equal width from 0 on, and a tail that thins out up to its end. */
export interface Bins {
  readonly width: number
  readonly counts: readonly number[]
  /** How many are beyond the bins, and how far the tail goes. */
  readonly tail: { readonly count: number; readonly end: number }
  /** Within a bin, powers above 1 put more of them at its lower edge. The first bin has its own. */
  readonly power: { readonly first: number; readonly others: number }
}

export const votesPerStory: Bins = {
  width: 10,
  counts: [16_724, 16_393, 4601, 1707, 680, 281],
  tail: { count: 614, end: 190 },
  power: { first: 1, others: 1 },
}

/** The powers bring the sum of all comments near to what is known of it: about 121,000. */
export const commentsPerStory: Bins = {
  width: 10,
  counts: [33_974, 4831, 1029, 401, 193],
  tail: { count: 150, end: 170 },
  power: { first: 16, others: 5 },
}

/** Nothing is known of these; most comments have a few, some have many. */
export const votesPerComment: Bins = {
  width: 10,
  counts: [95, 4],
  tail: { count: 1, end: 60 },
  power: { first: 2, others: 2 },
}

export const votesPerUser: Bins = {
  width: 100,
  counts: [4439, 562, 206, 131, 92, 45],
  tail: { count: 225, end: 6500 },
  power: { first: 1, others: 1 },
}

/** Draws from bins. */
export function drawFrom(bins: Bins, random: () => number): number {
  const { width, counts, tail, power } = bins
  const all = counts.reduce((sum, count) => sum + count, tail.count)
  let left = random() * all
  for (const [place, count] of counts.entries()) {
    left -= count
    if (left >= 0) continue
    const within = random() ** (place === 0 ? power.first : power.others)
    return place * width + Math.floor(width * within)
  }
  const begin = counts.length * width
  return begin + Math.floor((tail.end - begin) * random() ** 3)
}

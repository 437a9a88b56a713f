import { repeatable, Weighted } from '../../random.ts'
import { shortIdOf, type Dataset } from './dataset.ts'
import { requestMix, type RequestKind } from './shape.ts'

/** A story with what a visitor who came by a link knows of it. */
export interface StoryLink {
  readonly id: number
  readonly shortId: string
  readonly author: number
}

export interface CommentLink {
  readonly id: number
  readonly story: number
  readonly author: number
}

/** What somebody asks for, complete. `at` is the time, as a number that grows by one with each request. */
export type Request = { readonly at: number; readonly viewer: number } & (
  | { readonly kind: 'story'; readonly story: StoryLink }
  | { readonly kind: 'front' | 'comments' | 'recent' | 'logout' }
  | { readonly kind: 'user' | 'login'; readonly name: string }
  | { readonly kind: 'story-upvote' | 'story-downvote'; readonly story: StoryLink }
  | { readonly kind: 'comment-upvote' | 'comment-downvote'; readonly comment: CommentLink }
  | { readonly kind: 'comment'; readonly id: number; readonly story: StoryLink }
  | { readonly kind: 'reply'; readonly id: number; readonly parent: CommentLink }
  | { readonly kind: 'submit'; readonly story: StoryLink; readonly tags: readonly number[] }
)

/**
 * Draws requests, the same ones in the same order for everybody with the same seed. Stories and comments are drawn in proportion to their
 * votes, users in proportion to the votes that they give.
 */
export class Workload {
  readonly #dataset: Dataset
  readonly #random: () => number
  readonly #kinds: readonly RequestKind[] = Object.keys(requestMix) as RequestKind[]
  readonly #kind: Weighted
  readonly #user: Weighted
  readonly #story: Weighted
  readonly #comment: Weighted
  #at: number
  #lastStory: number
  #lastComment: number

  constructor(dataset: Dataset, seed: number) {
    const { users, stories, comments } = dataset
    const random = repeatable(seed + 2)
    this.#dataset = dataset
    this.#random = random
    this.#kind = new Weighted(Object.values(requestMix), random)
    this.#user = new Weighted(
      users.map(({ weight }) => weight),
      random,
    )
    this.#story = new Weighted(
      stories.map(({ score }) => score),
      random,
    )
    this.#comment = new Weighted(
      comments.map(({ score }) => score),
      random,
    )
    this.#at = comments.length
    this.#lastStory = stories.length
    this.#lastComment = comments.length
  }

  next(): Request {
    const kind = this.#kinds[this.#kind.next()] ?? 'story'
    const base = { at: ++this.#at, viewer: this.#user.next() + 1 }
    switch (kind) {
      case 'front':
      case 'comments':
      case 'recent':
      case 'logout':
        return { ...base, kind }
      case 'user':
      case 'login':
        return { ...base, kind, name: this.#dataset.users[this.#user.next()]?.name ?? '' }
      case 'story':
      case 'story-upvote':
      case 'story-downvote':
        return { ...base, kind, story: this.#anyStory() }
      case 'comment-upvote':
      case 'comment-downvote':
        return { ...base, kind, comment: this.#anyComment() }
      case 'comment':
        return { ...base, kind, id: ++this.#lastComment, story: this.#anyStory() }
      case 'reply':
        return { ...base, kind, id: ++this.#lastComment, parent: this.#anyComment() }
      case 'submit': {
        const id = ++this.#lastStory
        const tag = 1 + Math.floor(this.#random() * this.#dataset.tags.length)
        const story = { id, shortId: shortIdOf(id), author: base.viewer }
        return { ...base, kind, story, tags: [tag] }
      }
    }
  }

  #anyStory(): StoryLink {
    const story = this.#dataset.stories[this.#story.next()]
    if (story === undefined) throw new Error('There are no stories.')
    return { id: story.id, shortId: story.shortId, author: story.user }
  }

  #anyComment(): CommentLink {
    const comment = this.#dataset.comments[this.#comment.next()]
    if (comment === undefined) throw new Error('There are no comments.')
    return { id: comment.id, story: comment.story, author: comment.user }
  }
}

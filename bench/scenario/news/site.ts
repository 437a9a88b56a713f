import type { CommentRow, StoryRow, UserRow, VoteRow } from './schema.ts'
import type { CommentLink, StoryLink } from './workload.ts'

/** A tag as it stands beside a story. */
export interface StoryTag {
  readonly story_id: number
  readonly name: string
}

/** What became of a write when its promise resolves. */
export interface Written {
  /**
   * Resolves when what it counts for users (karma, comments, the last login) is in the database too, where that may come later;
   * `undefined` where all was written at once.
   */
  readonly counted?: Promise<unknown>
}

/** One vote, up (1) or down (-1). */
export interface Vote {
  readonly voter: number
  readonly by: 1 | -1
}

/** A comment that is written; `parent` is what it replies to. */
export interface NewComment {
  readonly id: number
  readonly author: number
  readonly story: number
  readonly parent: CommentLink | undefined
  readonly at: number
}

export interface NewStory {
  readonly story: StoryLink
  readonly tags: readonly number[]
}

/**
 * The queries of the news site, as a contender asks them. Lists of ids are sorted and without repetitions. Cached is what is the same for
 * everybody; what is a visitor's own is asked of the database, since nobody else asks it.
 */
export interface NewsReads {
  story(shortId: string): Promise<StoryRow | undefined>
  /** Of a story, the best first. */
  comments(story: number): Promise<readonly CommentRow[]>
  /** For the front page. */
  hottest(): Promise<readonly StoryRow[]>
  /** The newest that few have voted for yet. */
  recent(): Promise<readonly StoryRow[]>
  newestComments(): Promise<readonly CommentRow[]>
  stories(ids: readonly number[]): Promise<readonly StoryRow[]>
  users(ids: readonly number[]): Promise<readonly UserRow[]>
  userNamed(name: string): Promise<UserRow | undefined>
  tagsOf(stories: readonly number[]): Promise<readonly StoryTag[]>
  /** A user's own votes on stories and on all their comments. Not cached. */
  votesOf(user: number, stories: readonly number[]): Promise<readonly VoteRow[]>
  /** How many stories a user has submitted. */
  storyCount(user: number): Promise<number>
  commentCount(user: number): Promise<number>
  /** The tag that most of a user's stories have. */
  favouriteTag(user: number): Promise<string | undefined>
  /** When a user last read a story. Not cached: whoever asks it writes it next. */
  lastRead(user: number, story: number): Promise<number | undefined>
}

/** The writes of the news site. What belongs together is one transaction. */
export interface NewsWrites {
  /** Keeps when a user last read a story. */
  markRead(user: number, story: number, at: number): Promise<void>
  voteOnStory(vote: Vote, story: StoryLink): Promise<Written>
  voteOnComment(vote: Vote, comment: CommentLink): Promise<Written>
  comment(comment: NewComment): Promise<Written>
  submit(story: NewStory): Promise<Written>
  login(user: number, at: number): Promise<Written>
}

export interface NewsSite extends NewsReads, NewsWrites {}

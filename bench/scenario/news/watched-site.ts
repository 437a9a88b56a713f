import type { Dataset } from './dataset.ts'
import type { Ledger, Sighting } from './ledger.ts'
import type { CommentRow, StoryRow, UserRow } from './schema.ts'
import type { NewsReads, NewsSite, NewsWrites, Written } from './site.ts'

/** What was looked at, since it began to count. */
export interface StaleCount {
  /** Answers of queries that show what writes change. */
  answers: number
  stale: number
  /** By query. */
  readonly staleBy: Record<string, number>
}

export function noneStale(): StaleCount {
  return { answers: 0, stale: 0, staleBy: {} }
}

/**
 * A site that enters what is acknowledged into a ledger, and holds every answer against it. Not seen: a story that should have come onto
 * the front page or the recent one and has not, and a favourite tag; the rows of the stories that are there are.
 */
export function watched(
  site: NewsSite,
  ledger: Ledger,
  dataset: Dataset,
  count: StaleCount,
): NewsSite {
  return {
    ...watchedReads(site, ledger, dataset, count),
    ...watchedWrites(site, ledger),
  }
}

function watchedReads(
  site: NewsSite,
  ledger: Ledger,
  { storiesOf, commentsOf, comments: { length: seededComments } }: Dataset,
  count: StaleCount,
): NewsReads {
  const watch = async <Answer>(
    query: keyof NewsReads,
    answer: () => Promise<Answer>,
    seen: (answer: Answer) => Iterable<Sighting>,
  ): Promise<Answer> => {
    const begun = ledger.now
    const found = await answer()
    count.answers += 1
    for (const sighting of seen(found)) {
      if (!ledger.isStale(sighting, begun)) continue
      count.stale += 1
      count.staleBy[query] = (count.staleBy[query] ?? 0) + 1
      break
    }
    return found
  }
  return {
    story: (shortId) => watch('story', () => site.story(shortId), storySeen),
    comments: (story) =>
      watch(
        'comments',
        () => site.comments(story),
        (rows) => [{ of: `comments on ${story}`, count: versions(rows) }],
      ),
    hottest: () => watch('hottest', () => site.hottest(), storiesSeen),
    recent: () => watch('recent', () => site.recent(), storiesSeen),
    newestComments: () =>
      watch(
        'newestComments',
        () => site.newestComments(),
        function* (rows) {
          yield { of: 'comments', count: (rows[0]?.id ?? 0) - seededComments }
          for (const { id, version } of rows) yield { of: `comment ${id}`, count: version }
        },
      ),
    stories: (ids) => watch('stories', () => site.stories(ids), storiesSeen),
    users: (ids) => watch('users', () => site.users(ids), usersSeen),
    userNamed: (name) => watch('userNamed', () => site.userNamed(name), userSeen),
    tagsOf: (stories) => site.tagsOf(stories),
    votesOf: (user, stories) =>
      watch(
        'votesOf',
        () => site.votesOf(user, stories),
        function* (rows) {
          const byStory = new Map(stories.map((story) => [story, 0]))
          for (const { story_id: story, version } of rows) {
            byStory.set(story, (byStory.get(story) ?? 0) + version)
          }
          for (const [story, votes] of byStory) yield { of: votesBy(user, story), count: votes }
        },
      ),
    storyCount: (user) =>
      watch(
        'storyCount',
        () => site.storyCount(user),
        (n) => [{ of: `stories by ${user}`, count: n - (storiesOf.get(user) ?? 0) }],
      ),
    commentCount: (user) =>
      watch(
        'commentCount',
        () => site.commentCount(user),
        (n) => [{ of: `comments by ${user}`, count: n - (commentsOf.get(user) ?? 0) }],
      ),
    favouriteTag: (user) => site.favouriteTag(user),
    lastRead: (user, story) => site.lastRead(user, story),
  }
}

function watchedWrites(site: NewsSite, ledger: Ledger): NewsWrites {
  const counted = async ({ counted: pending }: Written, user: number): Promise<void> => {
    if (pending !== undefined) await pending
    ledger.acknowledge(`user ${user}`)
  }
  /** Enters what is in the database now; what users have counted later goes in when that is there. */
  const enter = (written: Written, user: number, ...grown: readonly string[]): Written => {
    ledger.acknowledge(...grown)
    if (written.counted === undefined) ledger.acknowledge(`user ${user}`)
    else void counted(written, user)
    return written
  }
  return {
    markRead: (user, story, at) => site.markRead(user, story, at),
    voteOnStory: async (vote, story) => {
      const written = await site.voteOnStory(vote, story)
      const grown = [`story ${story.id}`, votesBy(vote.voter, story.id)]
      return enter(written, story.author, ...grown)
    },
    voteOnComment: async (vote, comment) => {
      const { id, story, author } = comment
      const written = await site.voteOnComment(vote, comment)
      const votes = votesBy(vote.voter, story)
      return enter(
        written,
        author,
        `story ${story}`,
        `comment ${id}`,
        `comments on ${story}`,
        votes,
      )
    },
    comment: async (comment) => {
      const { id, story, author } = comment
      const written = await site.comment(comment)
      const rows = [`story ${story}`, `comment ${id}`]
      const lists = ['comments', `comments on ${story}`, `comments by ${author}`]
      return enter(written, author, ...rows, ...lists)
    },
    submit: async (submitted) => {
      const { id, author } = submitted.story
      const written = await site.submit(submitted)
      ledger.acknowledge(`story ${id}`, `stories by ${author}`, votesBy(author, id))
      return written
    },
    login: async (user, at) => enter(await site.login(user, at), user),
  }
}

function storySeen(story: StoryRow | undefined): readonly Sighting[] {
  return story === undefined ? [] : storiesSeen([story])
}

function storiesSeen(stories: readonly StoryRow[]): readonly Sighting[] {
  return stories.map(({ id, version }) => ({ of: `story ${id}`, count: version }))
}

function userSeen(user: UserRow | undefined): readonly Sighting[] {
  return user === undefined ? [] : usersSeen([user])
}

function usersSeen(users: readonly UserRow[]): readonly Sighting[] {
  return users.map(({ id, version }) => ({ of: `user ${id}`, count: version }))
}

function votesBy(user: number, story: number): string {
  return `votes of ${user} on ${story}`
}

/** Each write to one of them adds one to the sum. */
function versions(comments: readonly CommentRow[]): number {
  return comments.reduce((sum, { version }) => sum + version, 0)
}

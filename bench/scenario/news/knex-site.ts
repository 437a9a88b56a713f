import type { Knex } from 'knex'
import type { CommentRow, RibbonRow, StoryRow, UserRow, VoteRow } from './schema.ts'
import type {
  NewComment,
  NewStory,
  NewsReads,
  NewsWrites,
  StoryTag,
  Vote,
  Written,
} from './site.ts'
import type { CommentLink, StoryLink } from './workload.ts'

/** What makes a query a cached one: `(query) => query.cache('1h')` with Millrace, nothing with Knex alone. */
export type Cached = <Query extends Knex.QueryBuilder>(query: Query) => Query

/** The queries, as Knex has them: the same ones with and without Millrace. */
export function knexReads(knex: Knex, cached: Cached): NewsReads {
  return {
    story: (shortId) => cached(knex<StoryRow>('stories').where('short_id', shortId).first()),
    comments: (story) =>
      cached(
        knex<CommentRow>('comments')
          .where('story_id', story)
          .orderBy([{ column: 'score', order: 'desc' }, 'id'])
          .select(),
      ),
    hottest: () =>
      cached(
        knex<StoryRow>('stories')
          .orderBy([
            { column: 'hotness', order: 'desc' },
            { column: 'id', order: 'desc' },
          ])
          .limit(25)
          .select(),
      ),
    recent: () =>
      cached(
        knex<StoryRow>('stories').where('score', '<', 5).orderBy('id', 'desc').limit(25).select(),
      ),
    newestComments: () =>
      cached(knex<CommentRow>('comments').orderBy('id', 'desc').limit(40).select()),
    stories: (ids) => cached(knex<StoryRow>('stories').whereIn('id', ids).orderBy('id').select()),
    users: (ids) => cached(knex<UserRow>('users').whereIn('id', ids).orderBy('id').select()),
    userNamed: (name) => cached(knex<UserRow>('users').where('name', name).first()),
    tagsOf: (stories) =>
      cached(
        knex('taggings')
          .join('tags', 'tags.id', 'taggings.tag_id')
          .whereIn('taggings.story_id', stories)
          .orderBy(['taggings.story_id', 'tags.id'])
          .select<StoryTag[]>('taggings.story_id', 'tags.name'),
      ),
    votesOf: (user, stories) =>
      knex<VoteRow>('votes')
        .where('user_id', user)
        .whereIn('story_id', stories)
        .orderBy(['story_id', 'comment_id'])
        .select(),
    storyCount: async (user) =>
      countOf(await cached(knex('stories').where('user_id', user).count({ n: '*' }).first())),
    commentCount: async (user) =>
      countOf(await cached(knex('comments').where('user_id', user).count({ n: '*' }).first())),
    favouriteTag: async (user) => {
      const most = await cached(
        knex('stories')
          .join('taggings', 'taggings.story_id', 'stories.id')
          .join('tags', 'tags.id', 'taggings.tag_id')
          .where('stories.user_id', user)
          .groupBy('tags.name')
          .orderByRaw('count(*) desc, tags.name')
          .first<{ readonly name: string } | undefined>('tags.name'),
      )
      return most?.name
    },
    lastRead: async (user, story) => {
      const ribbon = await knex<RibbonRow>('ribbons')
        .where({ user_id: user, story_id: story })
        .first('read_at')
      return ribbon?.read_at
    },
  }
}

/** The writes, as Knex has them. Nothing in them speaks of a cache: what is written through Millrace invalidates by itself. */
export function knexWrites(knex: Knex): NewsWrites {
  return {
    markRead: async (user, story, at) => {
      await knex('ribbons')
        .insert({ user_id: user, story_id: story, read_at: at })
        .onConflict(['user_id', 'story_id'])
        .merge(['read_at'])
    },
    voteOnStory: (vote, story) =>
      atOnce(knex, async (trx) => {
        await keepVoteOnStory(trx, vote, story)
        await countForUser(trx, story.author, { karma: vote.by })
      }),
    voteOnComment: (vote, comment) =>
      atOnce(knex, async (trx) => {
        await keepVoteOnComment(trx, vote, comment)
        await countForUser(trx, comment.author, { karma: vote.by })
      }),
    comment: (comment) =>
      atOnce(knex, async (trx) => {
        await keepComment(trx, comment)
        await countForUser(trx, comment.author, { comments_count: 1 })
        await tellAuthor(trx, comment)
      }),
    submit: (story) => atOnce(knex, (trx) => keepStory(trx, story)),
    login: async (user, at) => {
      await knex('users').where('id', user).update({ last_login: at }).increment('version', 1)
      return {}
    },
  }
}

/** Everything of a vote for a story but its author's karma. */
export async function keepVoteOnStory(
  trx: Knex,
  { voter, by }: Vote,
  story: StoryLink,
): Promise<void> {
  await keepVote(trx, { user_id: voter, story_id: story.id, comment_id: 0, vote: by })
  await trx('stories').where('id', story.id).increment({ score: by, hotness: by, version: 1 })
}

/** Everything of a vote for a comment but its author's karma. */
export async function keepVoteOnComment(
  trx: Knex,
  { voter, by }: Vote,
  { id, story }: CommentLink,
): Promise<void> {
  await keepVote(trx, { user_id: voter, story_id: story, comment_id: id, vote: by })
  await trx('comments').where('id', id).increment({ score: by, version: 1 })
  await trx('stories').where('id', story).increment({ hotness: by, version: 1 })
}

/** Everything of a comment but what it counts for users. */
export async function keepComment(
  trx: Knex,
  { id, story, author, parent, at }: NewComment,
): Promise<void> {
  await trx('comments').insert({
    ...{ id, story_id: story, user_id: author, parent_id: parent?.id ?? null },
    ...{ body: `What came to mind at ${at}.`, score: 1, created_at: at, version: 1 },
  })
  await trx('stories').where('id', story).increment({ comments_count: 1, hotness: 1, version: 1 })
}

async function keepVote(trx: Knex, vote: Omit<VoteRow, 'version'>): Promise<void> {
  await trx('votes')
    .insert({ ...vote, version: 1 })
    .onConflict(['user_id', 'story_id', 'comment_id'])
    .merge({ vote: vote.vote, version: trx.raw('votes.version + 1') })
}

async function keepStory(trx: Knex, { story, tags }: NewStory): Promise<void> {
  const { id, shortId, author } = story
  await trx('stories').insert({
    ...{ id, short_id: shortId, user_id: author, title: `Story number ${id} is new` },
    ...{ url: `https://news.example/${shortId}/new`, score: 1, comments_count: 0 },
    ...{ created_at: id, hotness: id + 1, version: 1 },
  })
  await trx('taggings').insert(tags.map((tag) => ({ story_id: id, tag_id: tag })))
  await keepVote(trx, { user_id: author, story_id: id, comment_id: 0, vote: 1 })
}

async function countForUser(
  trx: Knex,
  user: number,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await trx('users')
    .where('id', user)
    .increment({ ...counts, version: 1 })
}

/** One more reply that its parent's author has not read. */
async function tellAuthor(trx: Knex, { parent }: NewComment): Promise<void> {
  if (parent === undefined) return
  await trx('unread')
    .insert({ user_id: parent.author, replies: 1 })
    .onConflict('user_id')
    .merge({ replies: trx.raw('unread.replies + 1') })
}

async function atOnce(knex: Knex, work: (trx: Knex) => Promise<void>): Promise<Written> {
  await knex.transaction(work)
  return {}
}

/** PostgreSQL counts in a type that is text here. */
function countOf(row: { readonly n?: number | string } | undefined): number {
  return Number(row?.n ?? 0)
}

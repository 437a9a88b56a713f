import type { Knex } from 'knex'
import { repeatable, Weighted } from '../../random.ts'
import type { Dataset } from './dataset.ts'

/*
 * Rows that pages show have a `version`: 0 when they are seeded, and one more with each write. By it a reader knows how much of what was
 * acknowledged an answer holds (ledger.ts). Times are numbers that grow with the requests, the same ones on every run.
 */

export interface UserRow {
  readonly id: number
  readonly name: string
  readonly karma: number
  readonly comments_count: number
  readonly last_login: number
  readonly version: number
}

export interface StoryRow {
  readonly id: number
  /** What its address names it by. */
  readonly short_id: string
  readonly user_id: number
  readonly title: string
  readonly url: string
  readonly score: number
  readonly comments_count: number
  readonly created_at: number
  /** Where it stands on the front page: later ones, and those with more votes on them and on their comments, come first. */
  readonly hotness: number
  readonly version: number
}

export interface CommentRow {
  readonly id: number
  readonly story_id: number
  readonly user_id: number
  readonly parent_id: number | null
  readonly body: string
  readonly score: number
  readonly created_at: number
  readonly version: number
}

/** A vote on a comment; on the story itself where `comment_id` is 0. */
export interface VoteRow {
  readonly user_id: number
  readonly story_id: number
  readonly comment_id: number
  readonly vote: number
  readonly version: number
}

/** When a user last read a story. */
export interface RibbonRow {
  readonly user_id: number
  readonly story_id: number
  readonly read_at: number
}

/** How many replies a user has not read. */
export interface UnreadRow {
  readonly user_id: number
  readonly replies: number
}

/** What the tables hold, for `DB`. */
export interface NewsTables {
  readonly users: UserRow
  readonly stories: StoryRow
  readonly comments: CommentRow
  readonly tags: { readonly id: number; readonly name: string }
  readonly taggings: { readonly story_id: number; readonly tag_id: number }
  readonly votes: VoteRow
  readonly ribbons: RibbonRow
  readonly unread: UnreadRow
}

/** Creates the tables, fills them, and returns how many rows there are in each. */
export async function createNews(
  knex: Knex,
  dataset: Dataset,
  seed: number,
): Promise<Readonly<Record<string, number>>> {
  await createTables(knex)
  const rows = rowsOf(dataset, seed)
  for (const [table, list] of Object.entries<readonly object[]>(rows)) {
    // SQLite takes no more in one statement.
    await knex.batchInsert(table, list, 500)
  }
  if (knex.client.driverName === 'pg') await knex.raw('vacuum analyze')
  else if (knex.client.driverName === 'better-sqlite3') await knex.raw('analyze')
  return Object.fromEntries(Object.entries(rows).map(([table, list]) => [table, list.length]))
}

async function createTables(knex: Knex): Promise<void> {
  await knex.schema.createTable('users', (table) => {
    table.integer('id').primary()
    table.string('name', 40).notNullable().unique()
    table.integer('karma').notNullable()
    table.integer('comments_count').notNullable()
    table.integer('last_login').notNullable()
    table.integer('version').notNullable()
  })
  await knex.schema.createTable('stories', (table) => {
    table.integer('id').primary()
    table.string('short_id', 10).notNullable().unique()
    table.integer('user_id').notNullable().references('users.id')
    table.string('title', 150).notNullable()
    table.string('url', 250).notNullable()
    table.integer('score').notNullable()
    table.integer('comments_count').notNullable()
    table.integer('created_at').notNullable()
    table.integer('hotness').notNullable().index()
    table.integer('version').notNullable()
    table.index('user_id')
  })
  await knex.schema.createTable('comments', (table) => {
    table.integer('id').primary()
    table.integer('story_id').notNullable().references('stories.id')
    table.integer('user_id').notNullable().references('users.id')
    table.integer('parent_id').references('comments.id')
    table.text('body').notNullable()
    table.integer('score').notNullable()
    table.integer('created_at').notNullable()
    table.integer('version').notNullable()
    table.index('story_id')
    table.index('user_id')
  })
  await knex.schema.createTable('tags', (table) => {
    table.integer('id').primary()
    table.string('name', 40).notNullable().unique()
  })
  await knex.schema.createTable('taggings', (table) => {
    table.integer('story_id').notNullable().references('stories.id')
    table.integer('tag_id').notNullable().references('tags.id')
    table.primary(['story_id', 'tag_id'])
  })
  await knex.schema.createTable('votes', (table) => {
    table.integer('user_id').notNullable().references('users.id')
    table.integer('story_id').notNullable().references('stories.id')
    table.integer('comment_id').notNullable()
    table.integer('vote').notNullable()
    table.integer('version').notNullable()
    table.primary(['user_id', 'story_id', 'comment_id'])
  })
  await knex.schema.createTable('ribbons', (table) => {
    table.integer('user_id').notNullable().references('users.id')
    table.integer('story_id').notNullable().references('stories.id')
    table.integer('read_at').notNullable()
    table.primary(['user_id', 'story_id'])
  })
  await knex.schema.createTable('unread', (table) => {
    table.integer('user_id').primary().references('users.id')
    table.integer('replies').notNullable()
  })
}

function rowsOf(
  dataset: Dataset,
  seed: number,
): { readonly [T in keyof NewsTables]: NewsTables[T][] } {
  const { users, stories, comments, tags } = dataset
  const replies = new Map<number, number>()
  const threads = new Map<number, { count: number; votes: number }>()
  for (const { story, parent, score } of comments) {
    const thread = threads.get(story) ?? { count: 0, votes: 0 }
    threads.set(story, { count: thread.count + 1, votes: thread.votes + score })
    const asked = parent === null ? undefined : comments[parent - 1]?.user
    if (asked !== undefined) replies.set(asked, (replies.get(asked) ?? 0) + 1)
  }
  return {
    users: users.map(({ id, name, weight }) => ({
      ...{ id, name, karma: weight, comments_count: dataset.commentsOf.get(id) ?? 0 },
      ...{ last_login: 0, version: 0 },
    })),
    tags: tags.map((name, at) => ({ id: at + 1, name })),
    stories: stories.map(({ id, shortId, user, score }) => ({
      ...{ id, short_id: shortId, user_id: user, score, created_at: id, version: 0 },
      title: `Something happened that is story number ${id} of the news`,
      url: `https://news.example/${shortId}/something-happened`,
      comments_count: threads.get(id)?.count ?? 0,
      hotness: id + score + (threads.get(id)?.votes ?? 0),
    })),
    taggings: stories.flatMap(({ id, tags: of }) =>
      of.map((tag) => ({ story_id: id, tag_id: tag })),
    ),
    comments: comments.map(({ id, story, user, parent, score }) => ({
      ...{
        id,
        story_id: story,
        user_id: user,
        parent_id: parent,
        score,
        created_at: id,
        version: 0,
      },
      body: 'What somebody had to say about it, in a sentence or two. '.repeat(1 + (id % 5)),
    })),
    votes: votesOf(dataset, seed),
    ribbons: [],
    unread: [...replies].map(([user, count]) => ({ user_id: user, replies: count })),
  }
}

/** As many votes as stories and comments have, each by another user. Who votes more elsewhere votes more here. */
function votesOf({ users, stories, comments }: Dataset, seed: number): VoteRow[] {
  const weights = users.map(({ weight }) => weight)
  const voter = new Weighted(weights, repeatable(seed + 1))
  const votes: VoteRow[] = []
  const vote = (story: number, comment: number, count: number): void => {
    const voters = new Set<number>()
    for (let tries = 10 * count; voters.size < count && tries > 0; tries--)
      voters.add(voter.next() + 1)
    for (let user = 1; voters.size < count; user++) voters.add(user)
    for (const user of voters) {
      votes.push({ user_id: user, story_id: story, comment_id: comment, vote: 1, version: 0 })
    }
  }
  for (const { id, score } of stories) vote(id, 0, score)
  for (const { id, story, score } of comments) vote(story, id, score)
  return votes
}

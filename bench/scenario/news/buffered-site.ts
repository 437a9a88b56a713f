import type { Millrace, Receipt } from '../../../src/index.ts'
import {
  keepComment,
  keepVoteOnComment,
  keepVoteOnStory,
  knexReads,
  knexWrites,
  type Cached,
} from './knex-site.ts'
import type { NewsTables } from './schema.ts'
import type { NewsSite, Written } from './site.ts'

/**
 * The same site, with Millrace's buffer for the writes that may come a little later: when a story was last read, karma, and other counters
 * of users. Each is on disk when it is acknowledged, and in the database with the next batch. What a visitor looks for right after (a
 * vote, a comment, a story) is written at once.
 */
export function bufferedSite(db: Millrace<NewsTables>, cached: Cached): NewsSite {
  return {
    ...knexReads(db.knex, cached),
    ...knexWrites(db.knex),
    // What is pending counts.
    lastRead: (user, story) =>
      db.ribbons.buffer.where({ user_id: user, story_id: story }).get('read_at'),
    markRead: async (user, story, at) => {
      await db.ribbons.buffer
        .where({ user_id: user, story_id: story })
        .update({ read_at: at }, { onMissing: 'insert' })
    },
    voteOnStory: async (vote, story) => {
      await db.transaction((trx) => keepVoteOnStory(trx, vote, story))
      return countForUser(db, story.author, 'karma', vote.by)
    },
    voteOnComment: async (vote, comment) => {
      await db.transaction((trx) => keepVoteOnComment(trx, vote, comment))
      return countForUser(db, comment.author, 'karma', vote.by)
    },
    comment: async (comment) => {
      await db.transaction((trx) => keepComment(trx, comment))
      if (comment.parent !== undefined) {
        const unread = db.unread.buffer.where(comment.parent.author)
        await unread.increment('replies', 1, { onMissing: 'insert' })
      }
      return countForUser(db, comment.author, 'comments_count', 1)
    },
    login: async (user, at) => {
      const row = db.users.buffer.where(user)
      return later([row.update({ last_login: at }), row.increment('version')])
    },
  }
}

function countForUser(
  db: Millrace<NewsTables>,
  user: number,
  column: 'karma' | 'comments_count',
  by: number,
): Promise<Written> {
  const row = db.users.buffer.where(user)
  return later([row.increment(column, by), row.increment('version')])
}

async function later(writes: readonly Promise<Receipt>[]): Promise<Written> {
  const receipts = await Promise.all(writes)
  return { counted: Promise.all(receipts.map(({ applied }) => applied)) }
}

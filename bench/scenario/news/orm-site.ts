import type { CommentRow, StoryRow, UserRow, VoteRow } from './schema.ts'
import type { NewComment, NewsReads, NewsSite, NewsWrites, StoryTag, Written } from './site.ts'
import { columnsOf, text, type SelectText, type SqlText } from './sql-text.ts'

/** What is asked of an ORM. */
export interface Orm {
  /** Runs a query through the ORM's query builder, with its cache or without. */
  ask<Row>(query: SelectText, how: { readonly cached: boolean }): Promise<readonly Row[]>
  /** One statement by itself. */
  run(statement: SqlText): Promise<void>
  /** Statements in one transaction. `tables` are those whose cached queries it changes, for an ORM that wants to be told. */
  transaction(
    tables: readonly string[],
    work: (run: (statement: SqlText) => Promise<void>) => Promise<void>,
  ): Promise<void>
}

/** The news site on an ORM: the same queries and statements as Knex sends (knex-site.ts). */
export function ormSite(orm: Orm): NewsSite {
  return { ...ormReads(orm), ...ormWrites(orm) }
}

const users = {
  columns: columnsOf('u', 'id name karma comments_count last_login version'),
  from: ['users', 'u'],
} as const
const stories = {
  columns: columnsOf(
    's',
    'id short_id user_id title url score comments_count created_at hotness version',
  ),
  from: ['stories', 's'],
} as const
const comments = {
  columns: columnsOf('c', 'id story_id user_id parent_id body score created_at version'),
  from: ['comments', 'c'],
} as const

function ormReads({ ask }: Orm): NewsReads {
  const cached = <Row>(query: SelectText): Promise<readonly Row[]> =>
    ask<Row>(query, { cached: true })
  const count = async (from: SelectText['from'], user: number): Promise<number> => {
    const where = text`user_id = ${user}`
    const [row] = await cached<{ n: number | string }>({ columns: { n: 'count(*)' }, from, where })
    return Number(row?.n ?? 0)
  }
  return {
    story: async (shortId) =>
      (await cached<StoryRow>({ ...stories, where: text`s.short_id = ${shortId}`, limit: 1 }))[0],
    comments: (story) =>
      cached<CommentRow>({
        ...comments,
        where: text`c.story_id = ${story}`,
        orderBy: [
          ['c.score', 'DESC'],
          ['c.id', 'ASC'],
        ],
      }),
    hottest: () =>
      cached<StoryRow>({
        ...stories,
        orderBy: [
          ['s.hotness', 'DESC'],
          ['s.id', 'DESC'],
        ],
        limit: 25,
      }),
    recent: () =>
      cached<StoryRow>({
        ...stories,
        where: text`s.score < ${5}`,
        orderBy: [['s.id', 'DESC']],
        limit: 25,
      }),
    newestComments: () =>
      cached<CommentRow>({ ...comments, orderBy: [['c.id', 'DESC']], limit: 40 }),
    stories: (ids) =>
      cached<StoryRow>({ ...stories, where: text`s.id in ${ids}`, orderBy: [['s.id', 'ASC']] }),
    users: (ids) =>
      cached<UserRow>({ ...users, where: text`u.id in ${ids}`, orderBy: [['u.id', 'ASC']] }),
    userNamed: async (name) =>
      (await cached<UserRow>({ ...users, where: text`u.name = ${name}`, limit: 1 }))[0],
    tagsOf: (ids) =>
      cached<StoryTag>({
        columns: { story_id: 'g.story_id', name: 't.name' },
        from: ['taggings', 'g'],
        joins: [['tags', 't', 't.id = g.tag_id']],
        where: text`g.story_id in ${ids}`,
        orderBy: [
          ['g.story_id', 'ASC'],
          ['t.id', 'ASC'],
        ],
      }),
    votesOf: (user, ids) => {
      const query: SelectText = {
        columns: columnsOf('v', 'user_id story_id comment_id vote version'),
        from: ['votes', 'v'],
        where: text`v.user_id = ${user} and v.story_id in ${ids}`,
        orderBy: [
          ['v.story_id', 'ASC'],
          ['v.comment_id', 'ASC'],
        ],
      }
      return ask<VoteRow>(query, { cached: false })
    },
    storyCount: (user) => count(['stories', 's'], user),
    commentCount: (user) => count(['comments', 'c'], user),
    favouriteTag: async (user) => {
      const [most] = await cached<{ readonly name: string }>({
        columns: { name: 't.name' },
        from: ['stories', 's'],
        joins: [
          ['taggings', 'g', 'g.story_id = s.id'],
          ['tags', 't', 't.id = g.tag_id'],
        ],
        where: text`s.user_id = ${user}`,
        groupBy: 't.name',
        orderBy: [
          ['count(*)', 'DESC'],
          ['t.name', 'ASC'],
        ],
        limit: 1,
      })
      return most?.name
    },
    lastRead: async (user, story) => {
      const query: SelectText = {
        columns: { read_at: 'r.read_at' },
        from: ['ribbons', 'r'],
        where: text`r.user_id = ${user} and r.story_id = ${story}`,
        limit: 1,
      }
      const [ribbon] = await ask<{ readonly read_at: number }>(query, { cached: false })
      return ribbon?.read_at
    },
  }
}

function ormWrites(orm: Orm): NewsWrites {
  const atOnce = async (...args: Parameters<Orm['transaction']>): Promise<Written> => {
    await orm.transaction(...args)
    return {}
  }
  return {
    markRead: (user, story, at) =>
      orm.run(text`insert into ribbons (user_id, story_id, read_at) values (${user}, ${story}, ${at})
        on conflict (user_id, story_id) do update set read_at = excluded.read_at`),
    voteOnStory: ({ voter, by }, { id, author }) =>
      atOnce(['votes', 'stories', 'users'], async (run) => {
        await run(voteText(voter, id, 0, by))
        await run(text`update stories set score = score + ${by}, hotness = hotness + ${by},
          version = version + 1 where id = ${id}`)
        await run(karmaText(author, by))
      }),
    voteOnComment: ({ voter, by }, { id, story, author }) =>
      atOnce(['votes', 'comments', 'stories', 'users'], async (run) => {
        await run(voteText(voter, story, id, by))
        await run(text`update comments set score = score + ${by}, version = version + 1
          where id = ${id}`)
        await run(text`update stories set hotness = hotness + ${by}, version = version + 1
          where id = ${story}`)
        await run(karmaText(author, by))
      }),
    comment: (comment) =>
      atOnce(['comments', 'stories', 'users'], (run) => keepComment(run, comment)),
    submit: ({ story: { id, shortId, author }, tags }) =>
      atOnce(['stories', 'taggings', 'votes'], async (run) => {
        await run(text`insert into stories (id, short_id, user_id, title, url, score, comments_count,
          created_at, hotness, version) values (${id}, ${shortId}, ${author},
          ${`Story number ${id} is new`}, ${`https://news.example/${shortId}/new`}, 1, 0, ${id},
          ${id + 1}, 1)`)
        for (const tag of tags) {
          await run(text`insert into taggings (story_id, tag_id) values (${id}, ${tag})`)
        }
        await run(voteText(author, id, 0, 1))
      }),
    login: (user, at) =>
      atOnce(['users'], (run) =>
        run(text`update users set last_login = ${at}, version = version + 1 where id = ${user}`),
      ),
  }
}

async function keepComment(
  run: (statement: SqlText) => Promise<void>,
  { id, story, author, parent, at }: NewComment,
): Promise<void> {
  await run(text`insert into comments (id, story_id, user_id, parent_id, body, score, created_at,
    version) values (${id}, ${story}, ${author}, ${parent?.id ?? null},
    ${`What came to mind at ${at}.`}, 1, ${at}, 1)`)
  await run(text`update stories set comments_count = comments_count + 1, hotness = hotness + 1,
    version = version + 1 where id = ${story}`)
  await run(text`update users set comments_count = comments_count + 1, version = version + 1
    where id = ${author}`)
  if (parent === undefined) return
  await run(text`insert into unread (user_id, replies) values (${parent.author}, 1)
    on conflict (user_id) do update set replies = unread.replies + 1`)
}

function voteText(user: number, story: number, comment: number, vote: number): SqlText {
  return text`insert into votes (user_id, story_id, comment_id, vote, version)
    values (${user}, ${story}, ${comment}, ${vote}, 1) on conflict (user_id, story_id, comment_id)
    do update set vote = excluded.vote, version = votes.version + 1`
}

function karmaText(user: number, by: number): SqlText {
  return text`update users set karma = karma + ${by}, version = version + 1 where id = ${user}`
}

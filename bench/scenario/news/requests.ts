import type { NewsSite, Written } from './site.ts'
import type { Request } from './workload.ts'

/*
 * What the site does for each request: the queries that a framework's preloading would send, first the rows that a page is about, then
 * those that they refer to, by their keys. Queries by key are what exact invalidation keeps: a vote for one story leaves the pages of all
 * others alone.
 */

/** A page, as data. */
export type Page = Readonly<Record<string, unknown>>

/** Answers one request. */
export async function answer(site: NewsSite, request: Request): Promise<Page> {
  const { viewer, at } = request
  switch (request.kind) {
    case 'story':
      return storyPage(site, viewer, request.story.shortId, at)
    case 'front':
      return listPage(site, viewer, await site.hottest())
    case 'recent':
      return listPage(site, viewer, await site.recent())
    case 'comments':
      return commentsPage(site, viewer)
    case 'user':
      return userPage(site, request.name)
    case 'story-upvote':
      return done(await site.voteOnStory({ voter: viewer, by: 1 }, request.story))
    case 'story-downvote':
      return done(await site.voteOnStory({ voter: viewer, by: -1 }, request.story))
    case 'comment-upvote':
      return done(await site.voteOnComment({ voter: viewer, by: 1 }, request.comment))
    case 'comment-downvote':
      return done(await site.voteOnComment({ voter: viewer, by: -1 }, request.comment))
    case 'comment': {
      const { id, story } = request
      return done(
        await site.comment({ id, at, author: viewer, story: story.id, parent: undefined }),
      )
    }
    case 'reply': {
      const { id, parent } = request
      return done(await site.comment({ id, at, author: viewer, story: parent.story, parent }))
    }
    case 'submit':
      return done(await site.submit(request))
    case 'login':
      return login(site, request.name, at)
    case 'logout':
      return {}
  }
}

/** A story with its comments, their authors, its tags, what the viewer voted for, and since when comments are new to the viewer. */
export async function storyPage(
  site: NewsSite,
  viewer: number,
  shortId: string,
  at: number,
): Promise<Page> {
  const story = await site.story(shortId)
  if (story === undefined) return { missing: shortId }
  const comments = await site.comments(story.id)
  const [authors, tags, votes, lastRead] = await Promise.all([
    site.users(idsOf([story, ...comments].map((written) => written.user_id))),
    site.tagsOf([story.id]),
    site.votesOf(viewer, [story.id]),
    site.lastRead(viewer, story.id),
  ])
  await site.markRead(viewer, story.id, at)
  return { story, comments, authors, tags, votes, lastRead }
}

/** Stories with their authors, their tags and what the viewer voted for: the front page, and the recent ones. */
async function listPage(
  site: NewsSite,
  viewer: number,
  stories: Awaited<ReturnType<NewsSite['hottest']>>,
): Promise<Page> {
  const ids = idsOf(stories.map(({ id }) => id))
  const [authors, tags, votes] = await Promise.all([
    site.users(idsOf(stories.map((story) => story.user_id))),
    site.tagsOf(ids),
    site.votesOf(viewer, ids),
  ])
  return { stories, authors, tags, votes }
}

/** The newest comments of all, with their authors and what they are about. */
async function commentsPage(site: NewsSite, viewer: number): Promise<Page> {
  const comments = await site.newestComments()
  const about = idsOf(comments.map((comment) => comment.story_id))
  const [authors, stories, votes] = await Promise.all([
    site.users(idsOf(comments.map((comment) => comment.user_id))),
    site.stories(about),
    site.votesOf(viewer, about),
  ])
  return { comments, authors, stories, votes }
}

/** What a user has written, in numbers. */
async function userPage(site: NewsSite, name: string): Promise<Page> {
  const user = await site.userNamed(name)
  if (user === undefined) return { missing: name }
  const [stories, comments, favourite] = await Promise.all([
    site.storyCount(user.id),
    site.commentCount(user.id),
    site.favouriteTag(user.id),
  ])
  return { user, stories, comments, favourite }
}

async function login(site: NewsSite, name: string, at: number): Promise<Page> {
  const user = await site.userNamed(name)
  if (user === undefined) return { missing: name }
  return done(await site.login(user.id, at))
}

/** Whoever counts later has its own way to tell how that went; a visitor does not wait for it. */
function done(_written: Written): Page {
  return {}
}

/** Ids in one order and without repetitions: the same set is the same query, and finds the same entry. */
function idsOf(ids: readonly number[]): readonly number[] {
  return [...new Set(ids)].sort((a, b) => a - b)
}

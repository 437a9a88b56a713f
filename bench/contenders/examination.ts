import { isDeepStrictEqual } from 'node:util'
import type { Dialect } from '../../src/contract/dialect.ts'
import { acknowledgedWrite, burst, type BurstFindings } from './burst.ts'
import type { OpenContender } from './contender.ts'
import { answerOf, type Post, type PostCounts, type Question } from './posts.ts'

/** What was seen of a contender before it was measured. Plain JSON. */
export interface Examination {
  /** Whether the question that followed a write, made the documented way and with no invalidation by hand, was answered with it. */
  readonly seesWrites: boolean
  /** Whether a change of an answer left the next caller's alone: it had its own, or the change threw. */
  readonly isolates: boolean
  /** What readers saw in bursts of writes, each followed by the invalidation that the documentation asks for. `null`: there was no such race. */
  readonly race: BurstFindings | null
}

/** A contender together with what it is asked. */
export interface Examined {
  readonly contender: OpenContender
  readonly asks: ReadonlyMap<Question, (value: number) => PromiseLike<readonly Post[]>>
  readonly counts: PostCounts
  readonly dialect: Dialect
}

/**
 * Asks everything twice, looks at every answer, and finds out what a caller's change and a write do to the next answer. Afterwards all
 * answers are in the cache, if there is one. Rejects at the first wrong answer.
 */
export async function examine(examined: Examined): Promise<Omit<Examination, 'race'>> {
  await expectRightAnswers(examined)
  await expectRightAnswers(examined)
  const seen = {
    isolates: await isolates(examined),
    seesWrites: await seesWrites(examined),
  }
  await expectRightAnswers(examined)
  return seen
}

/** Rejects unless every value of every question is answered with what the table was filled with. */
export async function expectRightAnswers({ asks, counts, dialect }: Examined): Promise<void> {
  for (const [question, ask] of asks) {
    for (const value of question.values) {
      const answer = (await ask(value)).map((row) => plain(row, question))
      const expected = answerOf(question, value, counts, dialect)
      if (isDeepStrictEqual(answer, expected)) continue
      const shown = JSON.stringify([answer[0], expected[0]])
      throw new Error(`${question.name} of ${value} was answered wrong: ${shown}`)
    }
  }
}

/** Races reads and writes of the first question's first value, and leaves the table as it was. */
export async function race({ contender, asks, counts, dialect }: Examined): Promise<BurstFindings> {
  const [question, ask] = first(asks)
  const value = question.values[0] ?? 0
  const post = answerOf(question, value, counts, dialect)[0]
  const id = Number(post?.['id'])
  const findings = await burst({ contender, id, read: () => ask(value) })
  await acknowledgedWrite({ contender, id }, String(post?.['title']))
  return findings
}

async function isolates({ asks }: Examined): Promise<boolean> {
  const [question, ask] = first(asks)
  const value = question.values[0] ?? 0
  const row = (await ask(value))[0] as { title: unknown }
  const { title } = row
  try {
    row.title = 'changed by a caller'
  } catch {
    return true
  }
  const again = (await ask(value))[0]?.['title'] === title
  row.title = title
  return again
}

async function seesWrites({ contender, asks, counts, dialect }: Examined): Promise<boolean> {
  const [question, ask] = first(asks)
  const value = question.values[0] ?? 0
  const post = answerOf(question, value, counts, dialect)[0]
  const written = 'written meanwhile'
  await contender.retitle(Number(post?.['id']), written)
  const seen = (await ask(value))[0]?.['title'] === written
  await contender.retitle(Number(post?.['id']), String(post?.['title']))
  return seen
}

function first<Key, Value>(map: ReadonlyMap<Key, Value>): [Key, Value] {
  for (const entry of map) return entry
  throw new Error('There is nothing to ask.')
}

/** A row without what an ORM's entity has beside its columns. */
function plain(row: Post, { columns }: Question): Post {
  return Object.fromEntries(columns.map((column) => [column, row[column]]))
}

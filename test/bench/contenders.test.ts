import { fork } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fieldOf, Grounds, type Field } from '../../bench/contenders/field.ts'
import { answerOf, type PostCounts, type Question } from '../../bench/contenders/posts.ts'
import { allContenders, contenderOf } from '../../bench/contenders/registry.ts'
import { isBenchMessage, type BenchOrder } from '../../bench/slice-server.ts'
import { repositoryRoot } from '../support/fixture.ts'
import { probeServices } from '../support/services.ts'

const counts: PostCounts = { categories: 4, perCategory: 5 }
const questions: readonly Question[] = [
  {
    ...{ name: 'row', title: 'a row', by: 'id', rows: 1, values: [1, 7] },
    columns: ['id', 'title'],
  },
  {
    ...{ name: 'list', title: 'a list', by: 'category', rows: 3, limit: 3, values: [0, 2] },
    columns: ['id', 'title', 'published_at', 'body'],
  },
]

describe('contenders of the benchmarks', () => {
  let grounds: Grounds
  let field: Field
  let databases: readonly ('postgres' | 'mysql')[]

  beforeAll(async () => {
    grounds = await Grounds.open(counts)
    const services = await probeServices()
    databases = (['postgres', 'mysql'] as const).filter(
      (name) => services[name].missing === undefined,
    )
    field = await fieldOf(allContenders, { quick: true, databases, progress: () => undefined })
  })
  afterAll(async () => {
    await grounds.drop()
  })

  // Each looks at all of its answers before it is ready, and a process that ends before is a failure.
  test.each(allContenders)(
    '%s answers right, from its cache, and keeps what it promises',
    async (id) => {
      const contender = field.contenders.find((one) => one.id === id)
      if (contender === undefined) {
        const { title } = await contenderOf(id)
        expect(field.missing.join('\n')).toContain(`${title}: `)
        return
      }
      const workers = id === 'millrace-worker' ? 1 : 0
      const raced = await grounds.raceOf(contender, databases)
      const strict = contender.promises?.stale === 'never'
      const { order } = await grounds.processOf(contender, { questions, workers, ...raced })
      const told = await conversation(order, [
        { bench: 'slice', kind: 'row', sliceMs: 5 },
        { bench: 'slice', kind: 'list', sliceMs: 5 },
      ])
      expect(told).toEqual([
        {
          bench: 'ready',
          findings: {
            isolates: contender.promises?.answer !== 'shared',
            seesWrites: contender.promises?.invalidation !== 'by hand',
            // Whether others are stale is a matter of luck; that Millrace never is, is not.
            race:
              raced.race === undefined
                ? null
                : { reads: expect.any(Number), stale: strict ? 0 : expect.any(Number) },
          },
        },
        { bench: 'result', result: expect.objectContaining({ p50: expect.any(Number) }) },
        { bench: 'result', result: expect.objectContaining({ p50: expect.any(Number) }) },
      ])
    },
  )
})

test('the answers that contenders are measured against come from the table', () => {
  const list = questions[1]
  expect(list && answerOf(list, 2, counts, 'sqlite')).toEqual([
    {
      id: 2,
      title: 'Post title number 2',
      published_at: 1_700_000_120_000,
      body: expect.any(String),
    },
    { id: 6, title: 'Post title number 6', published_at: 1_700_000_360_000, body: null },
    {
      id: 10,
      title: 'Post title number 10',
      published_at: 1_700_000_600_000,
      body: expect.any(String),
    },
  ])
})

/** Starts a contender, gives it orders one by one, and answers with all that it said. */
async function conversation(order: object, orders: readonly BenchOrder[]): Promise<unknown[]> {
  const program = `${repositoryRoot}.build/bench/contenders/program.js`
  const child = fork(program, [JSON.stringify(order)], { cwd: repositoryRoot })
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => Promise.reject(new Error(`It ended with ${String(code)}.`)))
  const next = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), failed])) as [unknown]
    return isBenchMessage(message) ? message : next()
  }
  try {
    const told = [await next()]
    for (const one of orders) {
      child.send(one)
      told.push(await next())
    }
    return told
  } finally {
    failed.catch(() => undefined)
    if (child.connected) child.send({ bench: 'close' } satisfies BenchOrder)
    await ended
  }
}

import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { DatabaseAddress } from '../../test/support/database-config.ts'
import { serveSlices } from '../slice-server.ts'
import { batchedSlice, concurrentSlices, type Slicer } from '../slice.ts'
import { serveTeam } from '../team.ts'
import type { OpenContender } from './contender.ts'
import { examine, race, type Examination } from './examination.ts'
import { kindsOf, type ContenderOrder } from './order.ts'
import type { Post } from './posts.ts'
import { contenderOf } from './registry.ts'

/** A contender in a process of its own: opens it, examines it, and answers orders for slices. */
const order = JSON.parse(process.argv[2] ?? '') as ContenderOrder
const { id, address, counts, questions, workers = 0 } = order
const { promises, open } = await contenderOf(id)
const contender = await open(address)
if (workers > 0 && cluster.isPrimary) {
  await serveTeam(fileURLToPath(import.meta.url), order, workers, () => contender.close())
} else {
  await serve(contender)
}

async function serve(contender: OpenContender): Promise<void> {
  const asks = new Map(questions.map((question) => [question, contender.ask(question)]))
  const examined = { contender, asks, counts, dialect: address.dialect }
  const raced = order.race === 'itself' ? await race(examined) : await raceElsewhere(order.race)
  const findings: Examination = { ...(await examine(examined)), race: raced }
  const loadsBefore = await contender.loads()
  const kinds: Record<string, (turn: number) => unknown> = {}
  const accepts: Record<string, (answer: unknown) => void> = {}
  const slicers: Record<string, Slicer> = {}
  for (const [question, ask] of asks) {
    const { values } = question
    for (const { name, inFlight } of kindsOf(question, order)) {
      kinds[name] = (turn) => ask(values[turn % values.length] ?? 0)
      accepts[name] = counting(question.rows)
      slicers[name] = inFlight === undefined ? batchedSlice : concurrentSlices(inFlight)
    }
  }
  serveSlices({
    kinds,
    findings,
    slicerOf: (kind) => slicers[kind] ?? batchedSlice,
    acceptOf: (kind) => accepts[kind] ?? (() => undefined),
    async inspect() {
      // Everything was in the cache when the first slice began: whoever asked the database since has not measured hits.
      const loads = promises === undefined ? 0 : (await contender.loads()) - loadsBefore
      if (loads > 0) throw new Error(`${id}: ${loads} questions in a slice were no hits.`)
    },
    close: () => contender.close(),
  })
}

/** With a second one of the contender, so that nothing of it is left in the one that is measured. */
async function raceElsewhere(on: DatabaseAddress | undefined): Promise<Examination['race']> {
  if (on === undefined) return null
  const second = await open(on)
  try {
    const asks = new Map(questions.map((question) => [question, second.ask(question)]))
    return await race({ contender: second, asks, counts, dialect: on.dialect })
  } finally {
    await second.close()
  }
}

/** Counts the rows, and reads a cell of the first and of the last one: nothing may stay unfinished. */
function counting(rows: number): (answer: unknown) => void {
  let consumed = 0
  return (answer) => {
    const posts = answer as readonly Post[]
    if (posts.length !== rows) throw new Error(`${id} gave ${posts.length} rows.`)
    consumed += Number(posts[0]?.['id']) + Number(posts[posts.length - 1]?.['id'])
    if (consumed === 0) throw new Error(`${id} gave rows without keys.`)
  }
}

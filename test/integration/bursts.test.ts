import knexFactory from 'knex'
import { expect, test } from 'vitest'
import { type Millrace, millrace, type StoreFactory } from '../../src/index.ts'
import { type Offence, judge } from '../support/burst/history.ts'
import { naiveCache } from '../support/burst/naive.ts'
import { createBurstSchema } from '../support/burst/schema.ts'
import { slowKnex } from '../support/burst/slow-knex.ts'
import { brokenStores, distantStore } from '../support/burst/stores.ts'
import { runBursts, type Subject } from '../support/burst/workload.ts'
import { createDatabase, type DatabaseName, describeDatabases } from '../support/databases.ts'
import { type Seeded, seeded } from '../support/seed.ts'

/** `MILLRACE_LONG=1` reads more than twice as often. */
const enough = process.env['MILLRACE_LONG'] === '1' ? 50_000 : 20_000

interface Outcome {
  readonly offences: readonly Offence[]
  readonly writes: number
  readonly hits: number
  readonly misses: number
}

/** A burst run on a database of its own. */
async function burstsOn(
  name: DatabaseName,
  random: Seeded,
  reads: number,
  cache: 'naive' | StoreFactory | 'memory',
  poolSize: number,
): Promise<Outcome> {
  const database = await createDatabase(name)
  const setUp = knexFactory(database.config)
  const knex = slowKnex(database.address, random, { maxPauseMs: 3, poolSize })
  let DB: Millrace | undefined
  try {
    await createBurstSchema(setUp, database.dialect)
    if (cache !== 'naive') DB = await millrace({ connection: knex, store: cache, buffer: false })
    const subject: Subject =
      DB === undefined
        ? naiveCache(knex)
        : { knex: DB.knex, read: (query) => query.cache(60), write: (run) => run() }
    const history = await runBursts(subject, {
      dialect: database.dialect,
      seeded: random,
      reads,
      restMs: 10,
      oneWriter: name === 'sqlite' && poolSize > 1,
    })
    const { hits = 0, misses = 0 } = (await DB?.cache.stats()) ?? {}
    const outcome = { offences: judge(history), writes: history.writes.length, hits, misses }
    console.log(
      `${history.reads.length} reads, ${JSON.stringify({ ...outcome, offences: outcome.offences.length })}`,
    )
    return outcome
  } finally {
    await DB?.close()
    await Promise.all([knex.destroy(), setUp.destroy()])
    await database.drop()
  }
}

describeDatabases('bursts in one process', (name) => {
  test('G1, G2, G4: no read is stale', { timeout: 240_000 }, async () => {
    const outcome = await burstsOn(name, seeded(`bursts ${name}`), enough, 'memory', 4)
    expect(outcome.offences).toEqual([])
    expect(outcome.writes).toBeGreaterThan(enough / 40)
    expect(outcome.hits).toBeGreaterThan(enough / 10)
    expect(outcome.misses).toBeGreaterThan(enough / 100)
  })

  test('G1, G2, G4: nor with a store far away', { timeout: 120_000 }, async () => {
    const random = seeded(`bursts, distant store ${name}`)
    const outcome = await burstsOn(name, random, enough / 5, distantStore(random), 4)
    expect(outcome.offences).toEqual([])
    expect(outcome.hits).toBeGreaterThan(0)
  })

  test('G1, G2, G4: nor with a pool of one connection', { timeout: 120_000 }, async () => {
    const random = seeded(`bursts, pool of one ${name}`)
    const outcome = await burstsOn(name, random, enough / 5, 'memory', 1)
    expect(outcome.offences).toEqual([])
    expect(outcome.hits).toBeGreaterThan(0)
  })
})

describeDatabases('the burst harness finds stale reads', (name) => {
  test('of a cache that is emptied after each write', async () => {
    const outcome = await burstsOn(name, seeded(`bursts, naive ${name}`), 3000, 'naive', 4)
    expect(promisesOf(outcome)).toContain('G1')
  })

  test.each(Object.entries(brokenStores))('of %s', async (flaw, store) => {
    const outcome = await burstsOn(name, seeded(`bursts, ${flaw} ${name}`), 3000, store, 4)
    expect(outcome.offences.length).toBeGreaterThan(0)
  })
})

function promisesOf({ offences }: Outcome): ReadonlySet<string> {
  return new Set(offences.map(({ promise }) => promise))
}

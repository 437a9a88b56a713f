import knexFactory from 'knex'
import { expect, test } from 'vitest'
import { type Millrace, millrace, type StoreFactory } from '../../../src/index.ts'
import { judge, type Offence } from '../../support/burst/history.ts'
import { naiveCache } from '../../support/burst/naive.ts'
import { createBurstSchema } from '../../support/burst/schema.ts'
import { slowKnex } from '../../support/burst/slow-knex.ts'
import { brokenStores, distantStore } from '../../support/burst/stores.ts'
import { runBursts, type Subject } from '../../support/burst/workload.ts'
import { createDatabase, type DatabaseName, describeDatabase } from '../../support/databases.ts'
import { type Seeded, seeded } from '../../support/seed.ts'

/** Reads in the plain case, and in each variant of it. `MILLRACE_LONG=1` reads more than twice as often. */
const { enough, variant } =
  process.env['MILLRACE_LONG'] === '1'
    ? { enough: 50_000, variant: 10_000 }
    : { enough: 20_000, variant: 2000 }

interface Outcome {
  readonly offences: readonly Offence[]
  readonly writes: number
  readonly hits: number
  readonly misses: number
}

interface Run {
  readonly name: DatabaseName
  readonly random: Seeded
  readonly reads: number
  readonly cache: 'naive' | StoreFactory | 'memory'
  /** Connections; 4 unless given. */
  readonly poolSize?: number
  /** The longest pause around a statement; 3 ms unless given. */
  readonly maxPauseMs?: number
  /** The longest rest between two bursts; 25 ms unless given. */
  readonly restMs?: number
  /** Ends the run when this promise has been broken. */
  readonly untilBroken?: Offence['promise']
}

/** A burst run on a database of its own. */
async function burstsOn(run: Run): Promise<Outcome> {
  const { name, random, reads, cache, poolSize = 4, maxPauseMs = 3, restMs = 25 } = run
  const database = await createDatabase(name)
  const setUp = knexFactory(database.config)
  const knex = slowKnex(database.address, random, { maxPauseMs, poolSize })
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
      restMs,
      oneWriter: name === 'sqlite' && poolSize > 1,
      until: (soFar) =>
        run.untilBroken !== undefined &&
        judge(soFar).some(({ promise }) => promise === run.untilBroken),
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

/** Bursts of reads and writes on one database. The runs wait most of the time, and therefore run beside each other. */
export function describeBursts(name: DatabaseName): void {
  describeDatabase(name, 'bursts in one process', () => {
    test.concurrent('G1, G2, G4: no read is stale', { timeout: 240_000 }, async () => {
      const random = seeded(`bursts ${name}`)
      const outcome = await burstsOn({ name, random, reads: enough, cache: 'memory' })
      expect(outcome.offences).toEqual([])
      expect(outcome.writes).toBeGreaterThan(enough / 100)
      expect(outcome.hits).toBeGreaterThan(enough / 10)
      expect(outcome.misses).toBeGreaterThan(enough / 100)
    })

    test.concurrent('G1, G2, G4: nor with a store far away', { timeout: 120_000 }, async () => {
      const random = seeded(`bursts, distant store ${name}`)
      const outcome = await burstsOn({ name, random, reads: variant, cache: distantStore(random) })
      expect(outcome.offences).toEqual([])
      expect(outcome.hits).toBeGreaterThan(0)
    })

    test.concurrent(
      'G1, G2, G4: nor with a pool of one connection',
      { timeout: 120_000 },
      async () => {
        const random = seeded(`bursts, pool of one ${name}`)
        const run = { name, random, reads: variant, cache: 'memory', poolSize: 1 } as const
        const outcome = await burstsOn(run)
        expect(outcome.offences).toEqual([])
        expect(outcome.hits).toBeGreaterThan(0)
      },
    )
  })

  describeDatabase(name, 'the burst harness finds stale reads', () => {
    /** The windows of some flaws are as short as one answer of the database: they are wide here, and looked into more than once. */
    async function look(
      flaw: string,
      cache: Run['cache'],
      untilBroken: Offence['promise'],
    ): Promise<ReadonlySet<string>> {
      const broken = new Set<string>()
      for (let round = 0; round < 8 && broken.size === 0; round++) {
        const random = seeded(`bursts, ${flaw} ${name} ${round}`)
        const run = { name, random, reads: 3000, cache, maxPauseMs: 10, restMs: 5, untilBroken }
        for (const { promise } of (await burstsOn(run)).offences) broken.add(promise)
      }
      return broken
    }

    test.concurrent(
      'of a cache that is emptied after each write',
      { timeout: 120_000 },
      async () => {
        expect(await look('naive', 'naive', 'G1')).toContain('G1')
      },
    )

    test.concurrent.for(Object.entries(brokenStores))(
      'of %s',
      { timeout: 120_000 },
      async ([flaw, { breaks, store }]) => {
        expect(await look(flaw, store, breaks)).toContain(breaks)
      },
    )
  })
}

import knexFactory, { type Knex } from 'knex'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Millrace, millrace } from '../../../src/index.ts'
import { MemoryAuthority } from '../../../src/stores/memory/memory-authority.ts'
import { type History, judge, type Offence } from '../../support/burst/history.ts'
import { createBurstSchema } from '../../support/burst/schema.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { seeded } from '../../support/seed.ts'
import type { BurstArguments } from '../fixtures/tasks.ts'
import { LastingTeam } from '../fixtures/lasting-team.ts'
import type { Team } from '../fixtures/team.ts'

/** Reads of all workers together. `MILLRACE_LONG=1` reads twelve times as often. */
const enough = process.env['MILLRACE_LONG'] === '1' ? 50_000 : 4000
const size = 4

interface Outcome {
  readonly offences: readonly Offence[]
  readonly writes: number
  readonly hits: number
}

describeDatabases('bursts from four cluster workers', (name) => {
  const workers = new LastingTeam({ size })
  let database: TestDatabase
  let setUp: Knex
  let primary: Millrace
  let team: Team

  beforeEach(async () => {
    database = await createDatabase(name)
    setUp = knexFactory(database.config)
    await createBurstSchema(setUp, database.dialect)
    primary = await millrace({ connection: database.config })
    team = await workers.ready()
  })

  afterEach(async (context) => {
    vi.restoreAllMocks()
    await workers.rest(context)
    await primary.close()
    await setUp.destroy()
    await database.drop()
  })

  async function bursts(
    title: string,
    reads: number,
    cache: BurstArguments['cache'],
  ): Promise<Outcome> {
    const { seed } = seeded(title)
    const { address } = database
    await team.all('open', { address, seed, maxPauseMs: 2 })
    const histories = await Promise.all(
      Array.from({ length: size }, (_, worker) => {
        const name = `${title}, worker ${worker}`
        return team.call(
          worker,
          'bursts',
          { cache, name, reads: reads / size, restMs: 200 },
          address,
        )
      }),
    )
    const history: History = {
      reads: histories.flatMap((each) => each.reads),
      writes: histories.flatMap((each) => each.writes),
    }
    const hits = (await team.all('stats')).reduce((sum, stats) => sum + stats.hits, 0)
    const outcome = { offences: judge(history), writes: history.writes.length, hits }
    console.log(
      `${history.reads.length} reads, ${JSON.stringify({ ...outcome, offences: outcome.offences.length })}`,
    )
    return outcome
  }

  test('G1, G2, G4: no read is stale', { timeout: 240_000 }, async () => {
    const outcome = await bursts(`bursts, cluster ${name}`, enough, 'millrace')
    expect(outcome.offences).toEqual([])
    expect(outcome.writes).toBeGreaterThan(enough / 200)
    expect(outcome.hits).toBeGreaterThan(enough / 40)
  })

  test('the harness finds stale reads of a cache in each worker', { timeout: 60_000 }, async () => {
    const { offences } = await bursts(`bursts, cluster, naive ${name}`, 800, 'naive')
    expect(offences.map(({ promise }) => promise)).toContain('G1')
  })

  test('the harness finds marks that are only lifted', { timeout: 60_000 }, async () => {
    const settle = MemoryAuthority.prototype.settle
    vi.spyOn(MemoryAuthority.prototype, 'settle').mockImplementation(function (
      this: MemoryAuthority,
      mark,
    ) {
      settle.call(this, mark, [])
    })
    const { offences } = await bursts(`bursts, cluster, lifted ${name}`, 800, 'millrace')
    expect(offences.length).toBeGreaterThan(0)
  })
})

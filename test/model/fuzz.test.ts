import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeDatabases, hasDatabase } from '../support/databases.ts'
import type { Engine } from './fuzz/engine.ts'
import { MissedError } from './fuzz/episode.ts'
import { faults, withFault } from './fuzz/faults.ts'
import { openEngine, runEpisodes } from './fuzz/run.ts'
import type { RunOptions } from './fuzz/run.ts'

const isLong = process.env['MILLRACE_LONG'] === '1'
const givenSeed = process.env['MILLRACE_FUZZ_SEED']

/** How many changed results a long run has to see. Together they are a million. */
const longTargets = { sqlite: 800_000, postgres: 100_000, mysql: 100_000 } as const
const hourMs = 3_600_000

describeDatabases('random queries after random writes', (name) => {
  let engine: Engine

  beforeAll(async () => {
    engine = await openEngine(name)
  })

  afterAll(async () => {
    await engine.close()
  })

  async function run(options: Omit<RunOptions, 'dialect'>): Promise<void> {
    const tally = await runEpisodes(engine, { dialect: name, ...options })
    console.log(`${name} MILLRACE_FUZZ_SEED=${options.seed} ${tally.summary()}`)
    expect(tally.all.missed).toBe(0)
    expect(tally.all.changed).toBeGreaterThan(50)
    expect(tally.all.kept).toBeGreaterThan(50)
  }

  test('G1: what the cache answers is what the database holds', async () => {
    await run({ seed: 1, timeMs: 8000 })
  }, 120_000)

  test('G1: the same with a seed of its own', async () => {
    await run({
      seed: givenSeed === undefined ? randomInt(2 ** 31) : Number(givenSeed),
      timeMs: 8000,
    })
  }, 120_000)

  test.runIf(isLong)(
    'G1: the same for a very long time',
    async () => {
      await run({ seed: randomInt(2 ** 31), changed: longTargets[name] })
    },
    12 * hourMs,
  )
})

/** Where each fault is found at once; others follow if the episodes have become different ones. */
const known: Readonly<Record<string, number>> = {
  'OR needs both sides': 13,
  'IN needs its first value': 18,
  'outer joins are inner ones': 8,
  'NOT is nothing': 8,
  'OR is AND': 10,
  'HAVING restricts': 0,
  'only the first part of a union is read': 5,
  'subqueries are not read': 4,
  'letters have their case': 11,
  'blanks at the end count': 11,
  'a text is no number': 11,
  'every value has a form': 26,
  'old values do not matter': 20,
  'what is known is all': 9,
  'what the database tells is not asked': 12,
  'a default is NULL': 50,
  'NULL is no value': 25,
  'only named tables are written': 11,
  'unknown rows are none': 7,
}

test.skipIf(!hasDatabase('sqlite')).each(Object.entries(faults))(
  'a fault is found: %s',
  async (name, fault) => {
    const engine = await openEngine('sqlite')
    try {
      const options: RunOptions = {
        dialect: 'sqlite',
        seed: 7,
        first: known[name] ?? 0,
        episodes: 150,
      }
      await expect(withFault(fault, () => runEpisodes(engine, options))).rejects.toThrow(
        MissedError,
      )
    } finally {
      await engine.close()
    }
  },
  180_000,
)

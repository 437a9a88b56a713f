import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { describeDatabases } from '../support/databases.ts'
import type { Engine } from './fuzz/engine.ts'
import { openEngine, runEpisodes } from './fuzz/run.ts'

const isLong = process.env['MILLRACE_LONG'] === '1'
const givenSeed = process.env['MILLRACE_FUZZ_SEED']

/** How many changed results a long run has to see. Together they are a million. */
const longTargets = { sqlite: 800_000, postgres: 100_000, mysql: 100_000 } as const
const hourMs = 3_600_000
/** Of a short run, in each of its two parts. */
const shortMs = 4000

describeDatabases('random queries after random writes', (name) => {
  let engine: Engine

  beforeAll(async () => {
    engine = await openEngine(name, `${inject('millraceRun')}_random`)
  })

  afterAll(async () => {
    await engine.close()
  })

  /** Runs episodes for the time of a short run, and longer where they have seen too little: the machine may be busy. */
  async function runForAWhile(seed: number): Promise<void> {
    const end = performance.now() + shortMs
    let changed = 0
    let kept = 0
    for (let n = 0; n < 20 && (performance.now() < end || changed <= 50 || kept <= 50); n++) {
      const tally = await runEpisodes(engine, { dialect: name, seed, first: n, episodes: 1 })
      console.log(`${name} MILLRACE_FUZZ_SEED=${seed} FIRST=${n} ${tally.summary()}`)
      expect(tally.all.missed).toBe(0)
      changed += tally.all.changed
      kept += tally.all.kept
    }
    expect(changed).toBeGreaterThan(50)
    expect(kept).toBeGreaterThan(50)
  }

  test('G1: what the cache answers is what the database holds', async () => {
    await runForAWhile(1)
  }, 120_000)

  test('G1: the same with a seed of its own', async () => {
    await runForAWhile(givenSeed === undefined ? randomInt(2 ** 31) : Number(givenSeed))
  }, 120_000)

  test.runIf(isLong)(
    'G1: the same for a very long time',
    async () => {
      const seed = randomInt(2 ** 31)
      const options = { dialect: name, seed, changed: longTargets[name] }
      const tally = await runEpisodes(engine, options)
      console.log(`${name} MILLRACE_FUZZ_SEED=${seed} ${tally.summary()}`)
      expect(tally.all.missed).toBe(0)
      expect(tally.all.kept).toBeGreaterThan(50)
    },
    12 * hourMs,
  )
})

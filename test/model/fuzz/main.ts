/**
 * The fuzz for as long as one likes: `npm run fuzz`.
 *
 *     MILLRACE_FUZZ_DB=sqlite,postgres,mysql   which databases; default: sqlite
 *     MILLRACE_FUZZ_SEED=1                     the run's seed; default: a random one
 *     MILLRACE_FUZZ_CHANGED=10000              stop after so many changed results on each database
 *     MILLRACE_FUZZ_FIRST=0                    the first episode: to continue a run, or to repeat an episode
 *     MILLRACE_FUZZ_EPISODES=1                 stop after so many episodes
 *     MILLRACE_FUZZ_TABLE=1                    tables by kind of write and of query at the end
 */
import { randomInt } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { newRunName, runDirectory } from '../../support/run.ts'
import { openEngine, runEpisodes } from './run.ts'

function numberOf(name: string): number | undefined {
  const text = process.env[`MILLRACE_FUZZ_${name}`]
  return text === undefined ? undefined : Number(text)
}

const seed = numberOf('SEED') ?? randomInt(2 ** 31)
const dialects = (process.env['MILLRACE_FUZZ_DB'] ?? 'sqlite').split(',') as Dialect[]
const episodes = numberOf('EPISODES')
const changed = numberOf('CHANGED') ?? (episodes === undefined ? 10_000 : Infinity)

const run = newRunName()
// What other processes left in the common one would keep MariaDB's tables out of the cache for a while.
process.env['TMPDIR'] = join(runDirectory(run), 'tmp')
await mkdir(process.env['TMPDIR'], { recursive: true })

for (const dialect of dialects) {
  const engine = await openEngine(dialect, run)
  const start = performance.now()
  let shown = start
  try {
    const tally = await runEpisodes(engine, {
      ...{ dialect, seed, changed, first: numberOf('FIRST') ?? 0, episodes: episodes ?? Infinity },
      onEpisode(next, soFar) {
        if (performance.now() < shown + 10_000) return
        shown = performance.now()
        console.log(`  ${dialect} next=${next} ${soFar.summary()}`)
      },
    })
    const seconds = (performance.now() - start) / 1000
    const speed = (tally.all.changed / seconds).toFixed(0)
    console.log(
      `${dialect} seed=${seed} ${tally.summary()} in ${seconds.toFixed(1)} s (${speed} changed/s)`,
    )
    if (process.env['MILLRACE_FUZZ_TABLE'] === '1') console.log(tally.tables())
  } catch (error) {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error)
    process.exitCode = 1
  } finally {
    await engine.close()
  }
}

await rm(runDirectory(run), { recursive: true, force: true })

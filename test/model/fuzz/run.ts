import { join } from 'node:path'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { newRunName, runDirectory } from '../../support/run.ts'
import type { Engine } from './engine.ts'
import { openMysql } from './engine-mysql.ts'
import { openPostgres } from './engine-postgres.ts'
import { openSqlite } from './engine-sqlite.ts'
import { runEpisode, type EpisodeSize } from './episode.ts'
import { Tally } from './tally.ts'

/** Which episodes are run, and until when. */
export interface RunOptions {
  readonly dialect: Dialect
  /** Episode n of a run has the seed `<seed>/n`, so a run can be continued, and an episode repeated. */
  readonly seed: number
  readonly first?: number
  /** Stop after so many changed results. */
  readonly changed?: number
  /** Stop after so many episodes. */
  readonly episodes?: number
  /** Stop after so many milliseconds. */
  readonly timeMs?: number
  readonly size?: EpisodeSize
  /** Hears of every finished episode. */
  readonly onEpisode?: (next: number, tally: Tally) => void
}

const usual: EpisodeSize = { queries: 40, writes: 80 }

/** Opens a new, empty database for episodes; `close()` removes it. */
export async function openEngine(dialect: Dialect, run: string = newRunName()): Promise<Engine> {
  const name = `${run}_fuzz`
  if (dialect === 'sqlite') return await openSqlite(join(runDirectory(run), 'fuzz'))
  return await (dialect === 'postgres' ? openPostgres(name) : openMysql(name))
}

/** Runs episodes one after another. Rejects with the error of the first one that fails. */
export async function runEpisodes(engine: Engine, options: RunOptions): Promise<Tally> {
  const { seed, first = 0, changed = Infinity, episodes = Infinity, timeMs = Infinity } = options
  const tally = new Tally()
  const end = performance.now() + timeMs
  for (let n = first; n < first + episodes; n++) {
    await runEpisode(engine, `${seed}/${n}`, options.size ?? usual, tally)
    options.onEpisode?.(n + 1, tally)
    if (tally.all.changed >= changed || performance.now() >= end) break
  }
  return tally
}

import { availableParallelism } from 'node:os'
import { Crew } from './crew.ts'
import { loadCities } from './load-cities.ts'
import { openDatabase } from './open-database.ts'
import { startProgress } from './progress.ts'
import { prove } from './proof.ts'
import type { ReaderName } from './readers.ts'
import { runRound } from './run-round.ts'
import type { Round } from './run-round.ts'
import { printSummary } from './summary.ts'
import { sumTallies } from './tally.ts'
import { judge } from './verdicts.ts'
import { openWorkspace } from './workspace.ts'

/** The primary's part: it owns the cache, the journal and the flusher, and tells the story. */
export async function runPrimary(): Promise<void> {
  const seconds = readSeconds(process.env['MILLRACE_DEMO_SECONDS'])
  const workers = Math.min(4, Math.max(2, availableParallelism() - 1))
  console.log(`\nMillrace: ${workers} workers on one SQLite database\n`)

  const directory = openWorkspace()
  const DB = await openDatabase(directory)
  await loadCities(DB, startProgress('Loading'))
  const crew = await Crew.hire(workers, directory)

  const round = (title: string, reader: ReaderName, length: number): Promise<Round> =>
    runRound(crew, reader, length, startProgress(title))
  const uncached = await round('Without a cache', 'uncached', seconds)
  const cached = await round('Through Millrace', 'cached', seconds)
  // For comparison, and to see that the checker finds stale reads where there are some.
  const naive = await round('Through a plain cache', 'naive', Math.min(2, seconds))

  const tally = sumTallies(await crew.finish())
  await DB.buffer.flush()
  const buffer = await DB.buffer.stats()
  const proof = await prove(DB, tally)
  await DB.close()

  const results = { uncached, cached, naive, tally, buffer, proof }
  const verdicts = judge(results)
  printSummary(results, verdicts)
  if (!verdicts.every(({ holds }) => holds)) process.exitCode = 1
}

function readSeconds(text = '8'): number {
  const seconds = Number(text)
  if (seconds > 0 && seconds <= 3600) return seconds
  throw new Error(`MILLRACE_DEMO_SECONDS is '${text}': give a number of seconds, such as 8.`)
}

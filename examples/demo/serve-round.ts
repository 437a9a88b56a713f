import { setTimeout as sleep } from 'node:timers/promises'
import type { Atlas } from './atlas.ts'
import type { Clerk } from './clerk.ts'
import { moment } from './evidence.ts'
import type { Acknowledgement, Sighting } from './evidence.ts'
import { Latencies } from './latencies.ts'
import type { DemoDatabase } from './open-database.ts'
import type { RoundReport } from './orders.ts'
import { nextPage, perPage } from './pages.ts'
import { createReader } from './readers.ts'
import type { ReaderName } from './readers.ts'

/** Visitors that each worker serves at a time. */
const visitors = 8
/** The share of city pages whose visit is counted and logged. */
const countedVisits = 0.1
/** How long an editor thinks between two direct updates, on average. The naive round is short, and there to be caught. */
const thinkingMs: Readonly<Record<ReaderName, number>> = {
  uncached: 1000,
  cached: 1000,
  naive: 100,
}

/** Serves visitors, and one editor among them, for some seconds. */
export async function serveRound(
  { DB, atlas, clerk }: { DB: DemoDatabase; atlas: Atlas; clerk: Clerk },
  readerName: ReaderName,
  seconds: number,
): Promise<RoundReport> {
  const read = createReader(readerName)
  const latencies = perPage(() => new Latencies())
  const acknowledgements: Acknowledgement[] = []
  const sightings: Sighting[] = []
  const hitsBefore = (await DB.cache.stats()).hits
  const end = performance.now() + seconds * 1000

  const visitor = async (): Promise<void> => {
    while (performance.now() < end) {
      const { kind, query, city } = nextPage(DB, atlas)
      const begunAt = moment()
      const rows = await read(query)
      const endedAt = moment()
      latencies[kind].add((endedAt - begunAt) / 1e6)
      for (const { id, version } of rows as readonly { id?: number; version?: number }[]) {
        if (id === undefined || version === undefined || !atlas.isWatched(id)) continue
        sightings.push({ city: id, version, begunAt, endedAt })
      }
      if (city !== undefined && Math.random() < countedVisits) await clerk.recordVisit(city)
    }
  }

  const editor = async (): Promise<void> => {
    while (performance.now() < end) {
      const city = atlas.ownCity()
      const version = await clerk.raiseVersion(city)
      acknowledgements.push({ city, version, at: moment() })
      await sleep(Math.min(2 * thinkingMs[readerName] * Math.random(), end - performance.now()))
    }
  }

  await Promise.all([editor(), ...Array.from({ length: visitors }, visitor)])
  const hits = (await DB.cache.stats()).hits - hitsBefore
  return {
    hits,
    latencies: perPage((kind) => latencies[kind].toJSON()),
    acknowledgements,
    sightings,
  }
}

import type { Mark } from '../../src/contract/authority.ts'
import type { Codec } from '../../src/contract/codec.ts'
import type { Lookup, LookupRequest, Store } from '../../src/contract/store.ts'
import { valueOf } from '../../src/testing/conformance/rig.ts'
import type { FakeClock } from '../../src/testing/fake-clock.ts'
import type { Seeded } from '../support/seed.ts'
import { ModelDatabase } from './model-database.ts'
import type { Write } from './model-database.ts'
import { programOf, queries, slots } from './model-rows.ts'
import type { Scheduler } from './model-scheduler.ts'

const settleDelayMs = 30_000
const programs = queries.map(programOf)

/** What a run found. */
export interface Verdict {
  readonly reads: number
  readonly hits: number
  readonly bypasses: number
  readonly refused: number
  /** Hits that invalidation by table would have lost. */
  readonly kept: number
  readonly misses: Readonly<Record<'absent' | 'invalidated' | 'expired' | 'refresh', number>>
  /** A read begun after an acknowledged write returned older data. */
  readonly g1: number
  /** A read returned older data than one that had ended before it began. */
  readonly g2: number
  /** After all was quiet, a hit was not what the database holds. */
  readonly g3: number
  /** A read returned what no transaction committed. */
  readonly g4: number
}

/** What a model run works on. */
export interface ModelWorld {
  /** Stores as several processes see them. */
  readonly ends: readonly Store[]
  readonly codec: Codec
  readonly clock: FakeClock
  readonly scheduler: Scheduler
  readonly random: Seeded
}

/**
 * Readers and writers against a table of a few rows. Queries select by two key columns, with AND and OR; writers mark what they know before
 * they send, learn from the answer which values the rows had, and commit, roll back, or lose the answer of their COMMIT, which
 * then lands later or never.
 */
export async function runModel(world: ModelWorld, rounds: number): Promise<Verdict> {
  const { ends, codec, clock, scheduler, random } = world
  const database = new ModelDatabase(random)
  /** By query: the latest acknowledged write that changed its result, and the version that a finished read has shown. */
  const acknowledged = queries.map(() => 0)
  const shown = queries.map(() => 0)
  /** By row: its latest version that a finished read has shown. */
  const shownRows = new Map<string, number>()
  const misses = { absent: 0, invalidated: 0, expired: 0, refresh: 0 }
  const found = { reads: 0, hits: 0, bypasses: 0, refused: 0, g1: 0, g2: 0, g3: 0, g4: 0 }
  let landing = 0

  const request = (query: number, refresh = false): LookupRequest => ({
    key: `q${String(query)}`,
    program: programs[query]!,
    watch: slots.schema,
    maxAgeMs: Infinity,
    refresh,
  })

  async function resultOf(store: Store, query: number, lookup: Lookup): Promise<string[]> {
    if (lookup.kind === 'hit') {
      found.hits++
      return valueOf(lookup.value, codec) as string[]
    }
    await scheduler.step()
    const value = database.select(query)
    await scheduler.step()
    if (lookup.kind === 'bypass') {
      found.bypasses++
      return value
    }
    misses[lookup.cause]++
    if (random.int(10) === 0) store.abandon(lookup.ticket)
    else {
      const body = { form: 'value', value } as const
      const fill = {
        value: { meta: undefined, body },
        bytes: 10,
        program: programs[query]!,
        tableSlots: [slots.whole],
        tables: ['t'],
        ttlMs: Infinity,
      }
      if (!(await store.fill(lookup.ticket, fill))) found.refused++
    }
    return value
  }

  async function reader(store: Store): Promise<void> {
    for (let i = 0; i < rounds; i++) {
      await scheduler.step()
      if (landing === 0 && random.int(10) === 0) clock.advance(settleDelayMs)
      const query = random.int(queries.length)
      const floor = { acked: acknowledged[query]!, shown: shown[query]!, rows: new Map(shownRows) }
      const lookup = await store.lookup(request(query, random.int(20) === 0))
      const value = await resultOf(store, query, lookup)
      found.reads++
      const reign = database.reign(query, value)
      if (reign === undefined) {
        found.g4++
        continue
      }
      if (reign.until <= floor.acked) found.g1++
      if (reign.until <= floor.shown) found.g2++
      shown[query] = Math.max(shown[query]!, reign.from)
      for (const row of value) {
        const [id = '', version] = row.split(':')
        if (Number(version) < (floor.rows.get(id) ?? 0)) found.g2++
        shownRows.set(id, Math.max(shownRows.get(id) ?? 0, Number(version)))
      }
    }
  }

  async function writer(store: Store): Promise<void> {
    for (let i = 0; i < rounds / 4; i++) {
      for (let pause = random.int(12); pause >= 0; pause--) await scheduler.step()
      const write = database.draw()
      const { authority } = store
      const mark = await authority.mark({ slots: write.marked, watch: slots.schema, settleDelayMs })
      await scheduler.step()
      const outcome = random.int(20)
      if (outcome < 3) authority.settle(mark, [])
      else if (outcome < 5) await loseAnswer(store, mark, write)
      else {
        const { version, touched, changed } = write.commit()
        await scheduler.step()
        authority.settle(mark, touched)
        for (const query of changed) {
          acknowledged[query] = Math.max(acknowledged[query]!, version)
        }
      }
      if (random.int(15) === 0) await store.clear({ kind: 'tables', tables: ['t'] })
      if (random.int(60) === 0) await authority.bump([slots.schema])
    }
  }

  /** The COMMIT's answer is lost; it lands within the settle delay, or not at all. */
  async function loseAnswer(store: Store, mark: Mark, write: Write): Promise<void> {
    landing++
    await scheduler.step()
    store.authority.settleLater(mark)
    for (let wait = random.int(24); wait > 0; wait--) await scheduler.step()
    if (random.int(3) > 0) write.commit()
    landing--
  }

  const actors: Promise<void>[] = []
  for (let i = 0; i < 6; i++) actors.push(reader(ends[i % ends.length]!))
  for (let i = 0; i < 3; i++) actors.push(writer(ends[(i + 1) % ends.length]!))
  await scheduler.run(actors)

  const [store] = ends
  const look = async (): Promise<number> => {
    await scheduler.step()
    for (const query of queries.keys()) {
      const lookup = await store!.lookup(request(query))
      if (lookup.kind === 'miss') store!.abandon(lookup.ticket)
      if (lookup.kind !== 'hit') continue
      const value = valueOf(lookup.value, codec) as string[]
      if (String(value) !== String(database.select(query))) found.g3++
    }
    return (await store!.stats()).kept
  }
  clock.advance(settleDelayMs)
  const looked = look()
  await scheduler.run([looked.then(() => undefined)])
  return { ...found, misses, kept: await looked }
}

import type { Mark } from '../../src/contract/authority.ts'
import type { Lookup, LookupRequest, Store } from '../../src/contract/store.ts'
import { valueOf } from '../../src/testing/conformance/rig.ts'
import type { FakeClock } from '../../src/testing/fake-clock.ts'
import type { Codec } from '../../src/contract/codec.ts'
import type { Seeded } from '../support/seed.ts'

const rowCount = 6
const settleDelayMs = 30_000

/** Runs many actors one step at a time, in an order that the seed decides. */
export class Scheduler {
  readonly #random: Seeded
  readonly #ready: (() => void)[] = []
  readonly #mail: (() => void)[] = []

  constructor(random: Seeded) {
    this.#random = random
  }

  /** Lets any other actor go first. */
  step(): Promise<void> {
    return new Promise((resolve) => this.#ready.push(resolve))
  }

  /** Messages keep their order, but arrive at any time. */
  readonly carry = (deliver: () => void): void => {
    this.#mail.push(deliver)
  }

  async run(actors: readonly Promise<void>[]): Promise<void> {
    let done = false
    let failure: Error | undefined
    Promise.all(actors).then(
      () => (done = true),
      (error: unknown) => {
        failure = error instanceof Error ? error : new Error(String(error))
        done = true
      },
    )
    for (let idle = 0; !done;) {
      const choices = this.#ready.length + (this.#mail.length > 0 ? 1 : 0)
      if (choices === 0 && ++idle > 3) throw new Error('every actor waits: a hang')
      if (choices > 0) {
        idle = 0
        const choice = this.#random.int(choices)
        if (choice === this.#ready.length) this.#mail.shift()?.()
        else this.#ready.splice(choice, 1)[0]?.()
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (failure !== undefined) throw failure
  }
}

/** What a run found. */
export interface Verdict {
  readonly reads: number
  readonly hits: number
  readonly bypasses: number
  readonly refused: number
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
 * Readers and writers against a database of a few rows with versions. Each query reads two rows; rows share slots; writers mark
 * more than they touch, commit, roll back, or lose the answer of their COMMIT, which then lands later or never.
 */
export async function runModel(world: ModelWorld, rounds: number): Promise<Verdict> {
  const { ends, codec, clock, scheduler, random } = world
  const rows = new Array<number>(rowCount).fill(0)
  const acknowledged = new Array<number>(rowCount).fill(0)
  const seen = new Array<number>(rowCount).fill(0)
  const committed = new Set([0])
  const found = { reads: 0, hits: 0, bypasses: 0, refused: 0, g1: 0, g2: 0, g3: 0, g4: 0 }
  let version = 0
  let landing = 0

  const slotOf = (row: number): number => 2 + (row % 4)
  const rowsOf = (query: number): number[] => [query, (query + 1) % rowCount]
  const request = (query: number, refresh = false): LookupRequest => ({
    key: `q${String(query)}`,
    slots: [0, 1, ...rowsOf(query).map(slotOf)],
    watch: 1,
    maxAgeMs: Infinity,
    refresh,
  })
  const load = (query: number): number[] => rowsOf(query).map((row) => rows[row] ?? -1)
  const commit = (touched: readonly number[]): number => {
    version++
    committed.add(version)
    for (const row of touched) rows[row] = version
    return version
  }

  async function resultOf(store: Store, query: number, lookup: Lookup): Promise<number[]> {
    if (lookup.kind === 'hit') {
      found.hits++
      return valueOf(lookup.value, codec) as number[]
    }
    await scheduler.step()
    const value = load(query)
    await scheduler.step()
    if (lookup.kind === 'bypass') found.bypasses++
    else if (random.int(10) === 0) store.abandon(lookup.ticket)
    else {
      const { slots } = request(query)
      const body = { form: 'value', value } as const
      const fill = {
        value: { meta: undefined, body },
        bytes: 10,
        slots,
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
      if (landing === 0 && random.int(25) === 0) clock.advance(settleDelayMs)
      const query = random.int(rowCount)
      const floors = rowsOf(query).map((row) => [acknowledged[row] ?? 0, seen[row] ?? 0] as const)
      const lookup = await store.lookup(request(query, random.int(20) === 0))
      const value = await resultOf(store, query, lookup)
      found.reads++
      rowsOf(query).forEach((row, at) => {
        const got = value[at] ?? -1
        const [acked, before] = floors[at] ?? [0, 0]
        if (got < acked) found.g1++
        if (got < before) found.g2++
        if (!committed.has(got)) found.g4++
        seen[row] = Math.max(seen[row] ?? 0, got)
      })
    }
  }

  async function writer(store: Store): Promise<void> {
    for (let i = 0; i < rounds / 4; i++) {
      await scheduler.step()
      const touched = [random.int(rowCount)]
      if (random.int(3) === 0) touched.push(random.int(rowCount))
      const slots = [...touched, random.int(rowCount)].map(slotOf)
      const mark = await store.authority.mark({ slots, watch: 1, settleDelayMs })
      await scheduler.step()
      const outcome = random.int(10)
      if (outcome < 2) store.authority.settle(mark, [])
      else if (outcome < 4) await loseAnswer(store, mark, touched)
      else {
        const mine = commit(touched)
        await scheduler.step()
        store.authority.settle(mark, touched.map(slotOf))
        for (const row of touched) acknowledged[row] = Math.max(acknowledged[row] ?? 0, mine)
      }
      if (random.int(15) === 0) await store.clear({ kind: 'tables', tables: ['t'] })
    }
  }

  /** The COMMIT's answer is lost; it lands within the settle delay, or not at all. */
  async function loseAnswer(store: Store, mark: Mark, touched: readonly number[]): Promise<void> {
    landing++
    await scheduler.step()
    store.authority.settleLater(mark)
    for (let wait = random.int(8); wait > 0; wait--) await scheduler.step()
    if (random.int(3) > 0) commit(touched)
    landing--
  }

  const actors: Promise<void>[] = []
  for (let i = 0; i < 6; i++) actors.push(reader(ends[i % ends.length]!))
  for (let i = 0; i < 3; i++) actors.push(writer(ends[(i + 1) % ends.length]!))
  await scheduler.run(actors)

  const [store] = ends
  const look = async (): Promise<void> => {
    await scheduler.step()
    for (let query = 0; query < rowCount; query++) {
      const lookup = await store!.lookup(request(query))
      if (lookup.kind === 'miss') store!.abandon(lookup.ticket)
      if (lookup.kind !== 'hit') continue
      const value = valueOf(lookup.value, codec) as number[]
      if (String(value) !== String(load(query))) found.g3++
    }
  }
  clock.advance(settleDelayMs)
  await scheduler.run([look()])
  return found
}

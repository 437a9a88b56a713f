import assert from 'node:assert/strict'
import type { Mark, MarkRequest, Slot, VersionAuthority } from '../../contract/authority.ts'
import type { Program } from '../../contract/program.ts'
import type { Codec } from '../../contract/codec.ts'
import type {
  Fill,
  Lookup,
  LookupRequest,
  MissCause,
  Store,
  StoreBounds,
  StoredValue,
  Ticket,
} from '../../contract/store.ts'
import { FakeClock } from '../fake-clock.ts'

/** What a store under test is made with. */
export interface RigOptions {
  readonly clock: FakeClock
  readonly bounds: StoreBounds
  readonly slotCount: number
  /** How long a reader waits for another reader's query. */
  readonly joinWaitMs: number
}

/** A store under test. */
export interface StoreRig {
  /** The store as each of several processes sees it; twice the same object for a store of one process. */
  readonly ends: readonly [Store, Store]
  /** How values become bytes between the ends. */
  readonly codec: Codec
  /** Kills the process behind the second end, and resolves when the others know; absent where it cannot die by itself. */
  readonly killSecond?: () => Promise<void>
  close(): Promise<void>
}

/** Makes a store under test, empty. */
export type MakeRig = (options: RigOptions) => Promise<StoreRig> | StoreRig

/** The test runner: vitest's or node:test's `test`, or anything of their shape. */
export interface ConformanceRunner {
  test(name: string, run: () => Promise<void>): unknown
}

/** What a scenario of the suite works with. */
export interface Stage {
  readonly rig: StoreRig
  readonly clock: FakeClock
  /** The store as the first process sees it. */
  readonly first: Store
  /** The store as another process sees it, if there can be one. */
  readonly second: Store
}

/** Defines a test on a fresh store. */
export type Scenario = (
  name: string,
  run: (stage: Stage) => Promise<void>,
  setup?: { readonly bounds?: Partial<StoreBounds>; readonly joinWaitMs?: number },
) => void

/** Binds a runner and a store to the suite's scenarios; every test closes its store. */
export function scenarios(title: string, makeRig: MakeRig, runner: ConformanceRunner): Scenario {
  return (name, run, setup = {}) => {
    runner.test(`${title}: ${name}`, async () => {
      const clock = new FakeClock()
      const bounds = {
        maxEntries: 10_000,
        maxBytes: 2 ** 26,
        maxKeysByTable: new Map<string, number>(),
      }
      const rig = await makeRig({
        clock,
        bounds: { ...bounds, ...setup.bounds },
        slotCount: 64,
        joinWaitMs: setup.joinWaitMs ?? 10_000,
      })
      for (const end of new Set(rig.ends)) glanceFirst(end)
      try {
        await run({ rig, clock, first: rig.ends[0], second: rig.ends[1] })
      } finally {
        await rig.close()
      }
    })
  }
}

/** Makes every lookup glance first: whatever that finds at once, `lookup` must find in the same moment. */
function glanceFirst(store: Store): void {
  const lookup = store.lookup.bind(store)
  store.lookup = (request) => {
    const glanced = request.refresh ? undefined : store.glance(request.key, request.maxAgeMs)
    const answer = lookup(request)
    if (glanced !== undefined && !(answer instanceof Promise)) assert.deepEqual(glanced, answer)
    return answer
  }
}

/** A program without alternatives. */
export function allOf(...all: Slot[]): Program {
  return { all, any: [] }
}

/** A program with one group of alternatives. */
export function oneOf(all: readonly Slot[], ...alternatives: Program[]): Program {
  return { all, any: [alternatives] }
}

const usual = allOf(0, 1, 5)

/** A request for a key; everything else as usual unless given. */
export function ask(key: string, change: Partial<LookupRequest> = {}): LookupRequest {
  return { key, program: usual, watch: 1, maxAgeMs: Infinity, refresh: false, ...change }
}

/** A result to store; everything else as usual unless given. */
export function result(value: unknown, change: Partial<Fill> = {}): Fill {
  return {
    value: { meta: undefined, body: { form: 'value', value } },
    bytes: 100,
    program: usual,
    tableSlots: [],
    tables: ['t'],
    ttlMs: Infinity,
    ...change,
  }
}

/** The ticket of a miss; fails for any other answer. */
export function ticketOf(lookup: Lookup): Ticket {
  assert.equal(lookup.kind, 'miss', `expected a miss, got ${describe(lookup)}`)
  return lookup.ticket
}

/** Misses, and stores a result. */
export async function put(
  store: Store,
  key: string,
  value: unknown,
  change: Partial<Fill> = {},
): Promise<void> {
  const { program = usual } = change
  const ticket = ticketOf(await store.lookup(ask(key, { program })))
  assert.equal(await store.fill(ticket, result(value, change)), true, 'the fill was refused')
}

/** Asserts a hit with this value. */
export function assertHit(lookup: Lookup, value: unknown, codec: Codec): void {
  assert.equal(lookup.kind, 'hit', `expected a hit, got ${describe(lookup)}`)
  assert.deepEqual(valueOf(lookup.value, codec), value)
}

/** Asserts a miss, for this cause if one is given, and gives its ticket back. */
export async function assertMiss(
  store: Store,
  request: LookupRequest,
  cause?: MissCause,
): Promise<void> {
  const lookup = await store.lookup(request)
  store.abandon(ticketOf(lookup))
  if (cause !== undefined) assert.equal(lookup.kind === 'miss' && lookup.cause, cause)
}

/** Asserts a bypass for this reason. */
export function assertBypass(lookup: Lookup, reason: string): void {
  assert.deepEqual(lookup, { kind: 'bypass', reason })
}

/** What was put into a stored value by {@link result}. */
export function valueOf(stored: StoredValue, codec: Codec): unknown {
  const snapshot = (stored instanceof Uint8Array ? codec.decode(stored) : stored) as {
    readonly body: { readonly value: unknown }
  }
  return snapshot.body.value
}

/** Lets messages travel; for asserting that something has *not* happened. */
export async function fewTurns(): Promise<void> {
  for (let i = 0; i < 12; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Whether a promise is still open after messages had time to travel. */
export async function stillWaits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const note = (): void => {
    settled = true
  }
  promise.then(note, note)
  await fewTurns()
  return !settled
}

/** A mark on these slots with a settle delay of 30 s. */
export function markOf(slots: readonly Slot[], settleDelayMs = 30_000): MarkRequest {
  return { slots, watch: 1, settleDelayMs }
}

/** Many marks at once. */
export function marksOf(
  authority: VersionAuthority,
  count: number,
  request: MarkRequest,
): Promise<Mark[]> {
  return Promise.all(Array.from({ length: count }, async () => authority.mark(request)))
}

function describe(lookup: Lookup): string {
  return lookup.kind === 'bypass' ? `a bypass (${lookup.reason})` : `a ${lookup.kind}`
}

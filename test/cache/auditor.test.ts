import { describe, expect, test } from 'vitest'
import { deferred } from '../../src/base/deferred.ts'
import { Auditor } from '../../src/cache/audit/auditor.ts'
import type { AuditedHit } from '../../src/cache/audit/auditor.ts'
import { sameAnswer } from '../../src/cache/audit/same-answer.ts'
import { CacheCounters } from '../../src/cache/counters.ts'
import { takeSnapshot } from '../../src/cache/snapshot/take-snapshot.ts'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import type { MillraceEvent } from '../../src/contract/events.ts'
import type { Snapshot } from '../../src/contract/snapshot.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { seeded } from '../support/seed.ts'
import { until } from '../support/wait.ts'

const codec = createValueCodec()

function snapshot(body: unknown): Snapshot {
  const taken = takeSnapshot(undefined, body)
  if (taken === undefined) throw new Error('This cannot be copied.')
  return taken.snapshot
}

const entry = { stamp: 7, epoch: 'a life' }

function hitOn(rows: unknown, changes: Partial<AuditedHit> = {}): AuditedHit {
  return {
    connection: 'default',
    sql: 'select n from items',
    key: 'k',
    tables: ['items'],
    program: { all: [1], any: [] },
    ordered: false,
    entry,
    snapshot: snapshot(rows),
    runAgain: () => Promise.resolve(snapshot(rows)),
    lookAgain: () => Promise.resolve(entry),
    heal: () => undefined,
    ...changes,
  }
}

function rig(rate = 1, random: () => number = () => 0) {
  const clock = new FakeClock()
  const counters = new CacheCounters()
  const events: MillraceEvent[] = []
  const auditor = new Auditor({
    rate,
    random,
    clock,
    codec,
    counters,
    onEvent: (event) => events.push(event),
  })
  const stats = (): unknown => {
    const empty = { entries: 0, bytes: 0, evictions: 0, expirations: 0, refusedFills: 0, kept: 0 }
    const { audits, staleHits } = counters.report({ ...empty, tables: {} }, (tag) => tag)
    return { ...audits, staleHits }
  }
  /** Checks a hit to the end. */
  const check = async (hit: AuditedHit): Promise<void> => {
    let ended = 0
    const before = JSON.stringify(stats())
    auditor.consider(() => hit)
    clock.advance(0)
    await until(() => ++ended > 3 && JSON.stringify(stats()) !== before, { what: 'a verdict' })
  }
  return { auditor, clock, events, stats, check }
}

const none = { checked: 0, raced: 0, unfinished: 0, staleHits: 0 }

describe('the auditor', () => {
  test('finds an answer that the database would give too', async () => {
    const { check, stats, events } = rig()
    await check(hitOn([{ n: 1 }]))
    expect(stats()).toEqual({ ...none, checked: 1 })
    expect(events).toEqual([])
  })

  test('counts a different answer of a valid entry, tells of it, and heals it', async () => {
    const { check, stats, events } = rig()
    const healed = deferred<undefined>()
    await check(
      hitOn([{ n: 1 }], {
        runAgain: () => Promise.resolve(snapshot([{ n: 2 }])),
        heal: () => healed.resolve(undefined),
      }),
    )
    await healed.promise
    expect(stats()).toEqual({ ...none, checked: 1, staleHits: 1 })
    expect(events).toEqual([
      {
        type: 'stale-hit',
        connection: 'default',
        sql: 'select n from items',
        key: 'k',
        tables: ['items'],
        program: { all: [1], any: [] },
        stamp: 7,
      },
    ])
  })

  test.each([
    ['there is none any more', undefined],
    ['it was filled later', { ...entry, stamp: 8 }],
    ['it is of another life', { ...entry, epoch: 'another' }],
  ])('says nothing about an entry if %s', async (_, now) => {
    const { check, stats, events } = rig()
    await check(
      hitOn([{ n: 1 }], {
        runAgain: () => Promise.resolve(snapshot([{ n: 2 }])),
        lookAgain: () => Promise.resolve(now),
      }),
    )
    expect(stats()).toEqual({ ...none, raced: 1 })
    expect(events).toEqual([])
  })

  test('looks the entry up only when the query has answered', async () => {
    const { check } = rig()
    const steps: string[] = []
    await check(
      hitOn([], {
        runAgain: async () => {
          steps.push('sent')
          await Promise.resolve()
          steps.push('answered')
          return snapshot([])
        },
        lookAgain: () => {
          steps.push('looked up')
          return Promise.resolve(entry)
        },
      }),
    )
    expect(steps).toEqual(['sent', 'answered', 'looked up'])
  })

  test('ends quietly if the query cannot be run again', async () => {
    const { check, stats, events } = rig()
    await check(hitOn([], { runAgain: () => Promise.resolve(undefined) }))
    await check(hitOn([], { runAgain: () => Promise.reject(new Error('no connection')) }))
    expect(stats()).toEqual({ ...none, unfinished: 2 })
    expect(events).toEqual([])
  })

  test('begins only when the caller has its answer, and has one at a time', async () => {
    const { auditor, clock, stats } = rig()
    const answer = deferred<Snapshot>()
    let runs = 0
    const hit = hitOn([], {
      runAgain: () => {
        runs += 1
        return answer.promise
      },
    })
    auditor.consider(() => hit)
    expect(runs).toBe(0)
    for (let i = 0; i < 3; i += 1) {
      clock.advance(0)
      auditor.consider(() => hit)
    }
    expect(runs).toBe(1)
    answer.resolve(snapshot([]))
    await until(() => JSON.stringify(stats()) === JSON.stringify({ ...none, checked: 1 }))
    auditor.consider(() => hit)
    clock.advance(0)
    expect(runs).toBe(2)
  })

  test('chooses the share that it is told', async () => {
    const random = seeded('the share of audited hits')
    const { auditor, clock } = rig(0.25, () => random.random())
    let chosen = 0
    const hit = hitOn([])
    for (let i = 0; i < 4000; i += 1) {
      auditor.consider(() => {
        chosen += 1
        return hit
      })
      clock.advance(0)
      // The check of this hit ends before the next one comes.
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    }
    // Ten standard deviations of a fair choice.
    expect(Math.abs(chosen - 1000)).toBeLessThan(10 * Math.sqrt(4000 * 0.25 * 0.75))
  })

  test('stops when it is closed: before a check begins, and while the query runs', async () => {
    const before = rig()
    let runs = 0
    before.auditor.consider(() =>
      hitOn([], {
        runAgain: () => {
          runs += 1
          return Promise.resolve(snapshot([]))
        },
      }),
    )
    before.auditor.close()
    before.clock.advance(0)
    expect([runs, before.clock.timers]).toEqual([0, 0])

    const during = rig()
    const answer = deferred<Snapshot>()
    let looks = 0
    during.auditor.consider(() =>
      hitOn([{ n: 1 }], {
        runAgain: () => answer.promise,
        lookAgain: () => {
          looks += 1
          return Promise.resolve(entry)
        },
      }),
    )
    during.clock.advance(0)
    during.auditor.close()
    answer.resolve(snapshot([{ n: 2 }]))
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    expect([looks, during.events]).toEqual([0, []])
    expect(during.stats()).toEqual(none)
  })
})

describe('answers are compared', () => {
  const same = (one: unknown, other: unknown, ordered = false): boolean | undefined =>
    sameAnswer(snapshot(one), snapshot(other), ordered, codec)

  test('by value and by type', () => {
    expect(same([{ n: 1, d: new Date(5) }], [{ n: 1, d: new Date(5) }])).toBe(true)
    expect(same([{ n: 1 }], [{ n: '1' }])).toBe(false)
    expect(same([{ n: 1 }], [{ n: 1n }])).toBe(false)
    expect(same([{ n: new Date(5) }], [{ n: 5 }])).toBe(false)
    expect(same([{ n: null }], [{ n: undefined }])).toBe(false)
    expect(same([{ d: new Date(5) }], [{ d: new Date(6) }])).toBe(false)
    expect(same([{ b: Buffer.from('a') }], [{ b: Buffer.from('b') }])).toBe(false)
  })

  test('by columns', () => {
    expect(same([{ a: 1, b: 2 }], [{ a: 2, b: 1 }])).toBe(false)
    expect(same([{ a: 1 }], [{ b: 1 }])).toBe(false)
    expect(same([{ a: 1 }], [{ a: 1, b: 1 }])).toBe(false)
    expect(same([], [{ a: 1 }])).toBe(false)
    expect(same([], [])).toBe(true)
  })

  test('as often as a row is there', () => {
    expect(same([{ a: 1 }, { a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }, { a: 2 }])).toBe(false)
    expect(same([{ a: 1 }], [{ a: 1 }, { a: 1 }])).toBe(false)
  })

  test('in any order, unless the query has one', () => {
    const [one, other] = [
      [{ a: 1 }, { a: 2 }],
      [{ a: 2 }, { a: 1 }],
    ] as const
    expect(same(one, other)).toBe(true)
    expect(same(one, other, true)).toBe(false)
  })

  test('row by row where rows are lists', () => {
    expect(same([[1], [2]], [[2], [1]])).toBe(true)
    expect(same([[1], [2]], [[2], [1]], true)).toBe(false)
    expect(same([[1], [2]], [[1], [3]])).toBe(false)
  })

  test('whatever is told beside the rows', () => {
    const body = snapshot([{ a: 1 }]).body
    expect(sameAnswer({ meta: { oid: 1 }, body }, { meta: { oid: 2 }, body }, true, codec)).toBe(
      true,
    )
  })
})

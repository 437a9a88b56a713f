import { expect, test } from 'vitest'
import { DatabaseLives } from '../../src/coherence/database-lives.ts'
import { RemoteLives, serveLives } from '../../src/coherence/remote-lives.ts'
import type { VersionAuthority } from '../../src/contract/authority.ts'
import type { Bus, BusHub, Message } from '../../src/contract/bus.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

function setUp() {
  const bumps: (readonly number[])[] = []
  const bumping = { refuse: false }
  const authority = {
    bump(slots: readonly number[]) {
      if (bumping.refuse) return Promise.reject(new Error('lost'))
      bumps.push(slots)
      return undefined
    },
  } as unknown as VersionAuthority
  return { lives: new DatabaseLives(authority), bumps, bumping }
}

const report = (life: string | undefined, database = 'db') => ({ database, life, slots: [1, 2] })

test('the first life is learnt, the same again is nothing, another one touches', async () => {
  const { lives, bumps } = setUp()
  for (const life of ['a', 'a', 'b', 'b', 'a']) await lives.report(report(life))
  expect(bumps).toEqual([
    [1, 2],
    [1, 2],
  ])
})

test('databases are told apart', async () => {
  const { lives, bumps } = setUp()
  await lives.report(report('a'))
  await lives.report(report('b', 'other'))
  expect(bumps).toEqual([])
})

test('a life that cannot be told counts as another one each time', async () => {
  const { lives, bumps } = setUp()
  await lives.report(report('a'))
  await lives.report(report(undefined))
  await lives.report(report(undefined))
  await lives.report(report('a'))
  expect(bumps).toHaveLength(3)
})

test('a touch that was not recorded is tried again by the next report', async () => {
  const { lives, bumps, bumping } = setUp()
  await lives.report(report('a'))
  bumping.refuse = true
  await expect(lives.report(report('b'))).rejects.toThrow('lost')
  bumping.refuse = false
  await lives.report(report('b'))
  expect(bumps).toHaveLength(1)
})

/** A line on which requests wait until the test lets them through. */
function line(lives: DatabaseLives) {
  let handler: (payload: Message, peer: number) => unknown = () => null
  serveLives(
    { onRequest: (_: string, handle: typeof handler) => (handler = handle) } as unknown as BusHub,
    lives,
  )
  const waiting: (() => void)[] = []
  const bus = {
    request: (_: string, payload: Message) =>
      new Promise((resolve) => waiting.push(() => resolve(handler(payload, 1)))),
  } as unknown as Bus
  return { bus, deliver: () => waiting.splice(0).forEach((go) => go()) }
}

test('G3: what a worker finds is compared with what dead workers knew', async () => {
  const { lives, bumps } = setUp()
  for (const life of ['a', 'b']) {
    const { bus, deliver } = line(lives)
    const worker = new RemoteLives(bus, new FakeClock())
    const reported = worker.report(report(life))
    deliver()
    await reported
  }
  expect(bumps).toEqual([[1, 2]])
})

test('G7: a primary that does not answer holds a worker up for a limited time', async () => {
  const { lives } = setUp()
  const { bus } = line(lives)
  const clock = new FakeClock()
  const reported = new RemoteLives(bus, clock, 5000).report(report('a'))
  clock.advance(5000)
  await reported
  const broken = { request: () => Promise.reject(new Error('lost')) } as unknown as Bus
  await new RemoteLives(broken, clock).report(report('a'))
  expect(clock.timers).toBe(0)
})

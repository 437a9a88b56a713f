import { expect, test } from 'vitest'
import type { MarkerFiles } from '../../src/coherence/marker-files.ts'
import { WriteMarker } from '../../src/coherence/write-marker.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

function setUp({ refuse = false } = {}) {
  const clock = new FakeClock()
  const log: string[] = []
  const failures: unknown[] = []
  const note = (step: string) => (): Promise<void> => {
    log.push(step)
    return refuse ? Promise.reject(new Error('read-only')) : Promise.resolve()
  }
  const files: MarkerFiles = {
    write: note('write'),
    remove: note('remove'),
    leave: note('leave'),
    dead: () => Promise.resolve([]),
    ofDeadWorkers: () => Promise.resolve([]),
    forget: () => Promise.resolve(),
  }
  const marker = new WriteMarker({
    files,
    database: 'db',
    clock,
    settleDelayMs: 30_000,
    onFailure: (error) => failures.push(error),
    idleMs: 1000,
    renewMs: 60_000,
  })
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  return { clock, log, failures, marker, settle }
}

test('the first write waits for the marker, those beside it too, and later ones for nothing', async () => {
  const { log, marker } = setUp()
  const first = marker.begin()
  const second = marker.begin()
  expect(first).toBeInstanceOf(Promise)
  expect(second).toBeInstanceOf(Promise)
  await Promise.all([first, second])
  expect(marker.begin()).toBeUndefined()
  expect(log).toEqual(['write'])
})

test('it stays while writes follow each other, and goes when none was under way for a while', async () => {
  const { clock, log, marker, settle } = setUp()
  for (let i = 0; i < 5; i++) {
    await marker.begin()
    clock.advance(700)
    marker.end('known')
    clock.advance(700)
  }
  expect(log).toEqual(['write'])
  clock.advance(1000)
  await settle()
  expect(log).toEqual(['write', 'remove'])
  await marker.begin()
  expect(log).toEqual(['write', 'remove', 'write'])
})

test('a write that takes long keeps it', async () => {
  const { clock, log, marker } = setUp()
  await marker.begin()
  await marker.begin()
  marker.end('known')
  clock.advance(50_000)
  expect(log).toEqual(['write'])
})

test('a busy writer renews it: a tidy temporary directory does not lose it for long', async () => {
  const { clock, log, marker } = setUp()
  await marker.begin()
  clock.advance(60_000)
  await marker.begin()
  expect(log).toEqual(['write', 'write'])
})

test('a write without an answer keeps it for the settle delay', async () => {
  const { clock, log, marker, settle } = setUp()
  await marker.begin()
  marker.end('unknown')
  clock.advance(29_999)
  await settle()
  expect(log).toEqual(['write'])
  clock.advance(2)
  await settle()
  expect(log).toEqual(['write', 'remove'])
})

test('close removes it', async () => {
  const { log, marker } = setUp()
  await marker.begin()
  marker.end('known')
  await marker.close()
  expect(log).toEqual(['write', 'remove'])
})

test.each([
  ['a write under way', () => undefined],
  ['a write without an answer', (marker: WriteMarker) => marker.end('unknown')],
])('close leaves it for the next start after %s', async (_, how) => {
  const { log, marker } = setUp()
  await marker.begin()
  how(marker)
  await marker.close()
  expect(log).toEqual(['write', 'leave'])
})

test('close leaves it while marks of other processes stand, although this one wrote nothing', async () => {
  const { log, marker } = setUp()
  await marker.close(true)
  expect(log).toEqual(['leave'])
})

test('G7: a marker that cannot be written is reported, delays nothing, and is tried again later', async () => {
  const { clock, log, failures, marker } = setUp({ refuse: true })
  await marker.begin()
  expect(failures).toHaveLength(1)
  expect(marker.begin()).toBeUndefined()
  clock.advance(60_000)
  await marker.begin()
  expect(log).toEqual(['write', 'write'])
})

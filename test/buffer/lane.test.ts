import { expect, test } from 'vitest'
import { deferred } from '../../src/base/deferred.ts'
import { until } from '../support/wait.ts'
import { openBench } from './bench.fixture.ts'

const logs = {
  name: 'logs',
  columns: { id: { type: 'int', auto: true }, n: { type: 'int' } },
} as const

test('writes of one turn of the event loop share one journal turn', async () => {
  const bench = await openBench('sqlite')
  await bench.table(logs)
  const front = bench.front(bench.open(), 'logs')
  await front.insert({ n: 0 })
  await Promise.all(Array.from({ length: 500 }, (_, n) => front.insert({ n })))
  expect(bench.disk.appends).toBe(2)
})

test('B1: a write is acknowledged after the journal is synced; `memory` does not wait, and the receipt tells the level', async () => {
  const bench = await openBench('sqlite')
  await bench.table(logs)
  const buffer = bench.open({ flushIntervalMs: 1 })
  const front = bench.front(buffer, 'logs')
  const gate = deferred<undefined>()
  bench.disk.gate = gate.promise
  expect((await front.insert({ n: 1 }, { ack: 'memory' })).ack).toBe('memory')
  let acknowledged = false
  const slow = front.insert({ n: 2 }).then((receipt) => {
    acknowledged = true
    return receipt
  })
  await until(() => bench.disk.appends > 0)
  await new Promise((resolve) => setTimeout(resolve, 30))
  // Neither acknowledged nor flushed before it is durable.
  expect(acknowledged).toBe(false)
  expect(await bench.rows('logs')).toEqual([])
  gate.resolve(undefined)
  expect((await slow).ack).toBe('disk')
  for (const ack of ['process', 'disk', 'store'] as const)
    expect((await front.insert({ n: 3 }, { ack })).ack).toBe('disk')
})

test('a journal that cannot be written refuses writes until it can again, and keeps what it has', async () => {
  const bench = await openBench('sqlite')
  await bench.table(logs)
  const buffer = bench.open()
  const front = bench.front(buffer, 'logs')
  const kept = await front.insert({ n: 1 })
  bench.disk.failure = new Error('disk full')
  const lost = [front.insert({ n: 2 }), front.insert({ n: 3 })]
  for (const write of lost)
    await expect(write).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_UNWRITABLE' })
  await expect(front.insert({ n: 4 })).rejects.toMatchObject({
    code: 'MILLRACE_JOURNAL_UNWRITABLE',
  })
  expect(bench.events.filter(({ type }) => type === 'journal-failed')).toHaveLength(1)
  expect((await buffer.stats()).pending).toBe(1)
  bench.disk.failure = undefined
  await front.insert({ n: 5 })
  await buffer.flush()
  await kept.applied
  expect((await bench.rows('logs')).map(({ n }) => n)).toEqual([1, 5])
})

test('a flush that waits for writes which the journal then refuses ends', async () => {
  const bench = await openBench('sqlite')
  await bench.table(logs)
  const buffer = bench.open()
  const front = bench.front(buffer, 'logs')
  await front.insert({ n: 1 })
  const gate = deferred<undefined>()
  bench.disk.gate = gate.promise
  bench.disk.failure = new Error('disk full')
  const lost = front.insert({ n: 2 })
  lost.catch(() => undefined)
  const flushed = buffer.flush()
  await until(() => bench.disk.appends > 1)
  gate.resolve(undefined)
  await flushed
  await expect(lost).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_UNWRITABLE' })
  expect(await bench.rows('logs')).toHaveLength(1)
})

test('`overflow: reject` refuses what does not fit; `block` waits for room and keeps the order', async () => {
  const bench = await openBench('sqlite')
  await bench.table(logs)
  const rejecting = bench.open({ overflow: 'reject', maxPending: 3 })
  const front = bench.front(rejecting, 'logs')
  await front.insert([{ n: 1 }, { n: 2 }, { n: 3 }])
  await expect(front.insert({ n: 4 })).rejects.toMatchObject({ code: 'MILLRACE_BUFFER_FULL' })
  await rejecting.close()
  const blocking = bench.open({ overflow: 'block', maxPending: 5 })
  const other = bench.front(blocking, 'logs')
  await Promise.all(Array.from({ length: 40 }, (_, n) => other.insert({ n: n + 4 })))
  expect((await blocking.stats()).pending).toBeLessThanOrEqual(5)
  await blocking.flush()
  expect((await bench.rows('logs')).map(({ n }) => n)).toEqual(
    Array.from({ length: 43 }, (_, n) => n + 1),
  )
})

test('a write that waits for room is refused by close(), and close() applies the rest', async () => {
  const bench = await openBench('sqlite')
  await bench.table(logs)
  const buffer = bench.open({ maxPending: 2, drainTimeoutMs: 5000 })
  const front = bench.front(buffer, 'logs')
  await front.insert([{ n: 1 }, { n: 2 }])
  const busy = deferred<undefined>()
  bench.target.around = async (run) => {
    await busy.promise
    return run()
  }
  const waiting = front.insert({ n: 3 })
  const refused = expect(waiting).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
  const closing = buffer.close()
  busy.resolve(undefined)
  await refused
  await closing
  expect(await bench.rows('logs')).toHaveLength(2)
})

test('a full batch is flushed at once, a lone write after the interval', async () => {
  const bench = await openBench('sqlite')
  await bench.table(logs)
  const eager = bench.open({ maxBatch: 10 })
  for (let n = 0; n < 10; n++) await bench.front(eager, 'logs').insert({ n })
  await until(async () => (await eager.stats()).pending === 0)
  await eager.close()
  const timed = bench.open({ flushIntervalMs: 20 })
  const { applied } = await bench.front(timed, 'logs').insert({ n: 10 })
  await applied
  expect(await bench.rows('logs')).toHaveLength(11)
})

test('a refusal that nobody looks at raises no unhandled rejection', async () => {
  const bench = await openBench('sqlite')
  await bench.table({ ...logs, check: 'n > 0' })
  const seen: unknown[] = []
  const listen = (reason: unknown): void => void seen.push(reason)
  process.on('unhandledRejection', listen)
  const buffer = bench.open()
  await bench.front(buffer, 'logs').insert({ n: -1 })
  await buffer.flush()
  await new Promise((resolve) => setTimeout(resolve, 5))
  process.off('unhandledRejection', listen)
  expect(seen).toEqual([])
  expect((await buffer.stats()).dead).toBe(1)
})

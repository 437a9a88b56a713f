import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { deferred } from '../../src/base/deferred.ts'
import { drainOnSignal } from '../../src/buffer/signals.ts'
import { until } from '../support/wait.ts'

/** A process that writes down how it was ended. */
class TestProcess extends EventEmitter {
  pid = 4711
  readonly kills: [number, string][] = []
  kill(pid: number, signal: string): void {
    this.kills.push([pid, signal])
  }
}

function rig(process = new TestProcess()) {
  const calls: string[] = []
  const drained = deferred<undefined>()
  const remove = drainOnSignal({
    process,
    drain: () => {
      calls.push('drain')
      return drained.promise
    },
    flush: () => {
      calls.push('flush')
      return Promise.reject(new Error('the database is away'))
    },
  })
  return { process, calls, drained, remove }
}

test('B7: SIGTERM drains, and then ends the process as it would have ended', async () => {
  const { process, calls, drained } = rig()
  process.emit('SIGTERM')
  expect(calls).toEqual(['drain'])
  expect(process.kills).toEqual([])
  drained.resolve(undefined)
  await until(() => process.kills.length > 0)
  expect(process.kills).toEqual([[4711, 'SIGTERM']])
  expect(process.listenerCount('SIGTERM')).toBe(0)
})

test('a drain that fails ends the process too', async () => {
  const { process, drained } = rig()
  process.emit('SIGTERM')
  drained.reject(new Error('no'))
  await until(() => process.kills.length > 0)
})

test('a second SIGTERM ends it at once', () => {
  const { process } = rig()
  process.emit('SIGTERM')
  process.emit('SIGTERM')
  expect(process.kills).toEqual([[4711, 'SIGTERM']])
})

test.each(['on', 'once'] as const)(
  'with a listener of the application (%s) it only flushes',
  async (add) => {
    const process = new TestProcess()
    let heard = 0
    process[add]('SIGTERM', () => heard++)
    const { calls } = rig(process)
    process.emit('SIGTERM')
    await new Promise(setImmediate)
    expect(calls).toEqual(['flush'])
    expect(process.kills).toEqual([])
    expect(heard).toBe(1)
  },
)

test('the first process of a container would live on: it only flushes', () => {
  const process = new TestProcess()
  process.pid = 1
  const { calls } = rig(process)
  process.emit('SIGTERM')
  expect(calls).toEqual(['flush'])
  expect(process.kills).toEqual([])
})

test('of two in one process the last to finish ends it', async () => {
  const process = new TestProcess()
  const one = rig(process)
  const other = rig(process)
  process.emit('SIGTERM')
  expect([one.calls, other.calls]).toEqual([['drain'], ['drain']])
  other.drained.resolve(undefined)
  await until(() => process.listenerCount('SIGTERM') === 1)
  expect(process.kills).toEqual([])
  one.drained.resolve(undefined)
  await until(() => process.kills.length > 0)
  expect(process.kills).toHaveLength(1)
})

test('an empty event loop flushes, once', () => {
  const { process, calls } = rig()
  process.emit('beforeExit')
  process.emit('beforeExit')
  expect(calls).toEqual(['flush'])
})

test('taken away, it does nothing', () => {
  const { process, calls, remove } = rig()
  remove()
  process.emit('SIGTERM')
  process.emit('beforeExit')
  expect(calls).toEqual([])
  expect(process.eventNames()).toEqual([])
})

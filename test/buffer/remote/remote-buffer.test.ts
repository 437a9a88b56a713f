import { expect, test } from 'vitest'
import { systemClock } from '../../../src/base/clock.ts'
import { deferred } from '../../../src/base/deferred.ts'
import type { Deferred } from '../../../src/base/deferred.ts'
import { MillraceError } from '../../../src/base/errors.ts'
import type { BufferPort, Submitted, WriteRequest } from '../../../src/contract/buffer-port.ts'
import { unpack } from '../../../src/buffer/remote/buffer-messages.ts'
import { RemoteBuffer } from '../../../src/buffer/remote/remote-buffer.ts'
import { serveBuffer } from '../../../src/buffer/remote/serve-buffer.ts'
import { createValueCodec } from '../../../src/codec/value-codec.ts'
import type { Bus, Message } from '../../../src/contract/bus.ts'
import { ClusterHub } from '../../../src/stores/cluster/cluster-hub.ts'
import { openClusterBus } from '../../../src/stores/cluster/open-cluster-bus.ts'
import { until } from '../../support/wait.ts'
import { LocalCluster } from '../../stores/cluster/channel-pair.ts'
import type { LocalWorker } from '../../stores/cluster/channel-pair.ts'

const codec = createValueCodec()

/** A buffer whose every answer the test gives; it writes down what it was asked. */
class ScriptedPort implements BufferPort {
  readonly submitted: { connection: string; request: WriteRequest; ack: unknown }[] = []
  readonly calls: unknown[][] = []
  readonly applied: Deferred<void>[] = []
  refuse: Error | undefined
  durable: Promise<void> = Promise.resolve()

  async submit(
    connection: string,
    request: WriteRequest,
    ack?: 'memory' | 'disk',
  ): Promise<Submitted> {
    if (this.refuse !== undefined) throw this.refuse
    this.submitted.push({ connection, request, ack })
    const applied = deferred<void>()
    applied.promise.catch(() => undefined)
    this.applied.push(applied)
    const value = this.submitted.length
    await this.durable
    return { ack: ack ?? 'disk', applied: applied.promise, value }
  }
  get = (...args: unknown[]): Promise<unknown> => this.#called('get', args, 12n)
  flush = (...args: unknown[]): Promise<void> => this.#called('flush', args, undefined)
  stats = (): Promise<never> => this.#called('stats', [], { pending: 3, connections: {} } as never)
  deadLetters = (...args: unknown[]): Promise<never> =>
    this.#called('deadLetters', args, [{ id: 'a', values: { at: new Date(5) } }] as never)
  retryDeadLetter = (id: string): Promise<void> => this.#called('retry', [id], undefined)
  discardDeadLetter = (id: string): Promise<void> =>
    Promise.reject(
      new MillraceError('MILLRACE_DEAD_LETTER_UNKNOWN', `No letter ${id}.`, { remedy: 'Look.' }),
    )

  #called<T>(name: string, args: unknown[], answer: T): Promise<T> {
    this.calls.push([name, ...args])
    return Promise.resolve(answer)
  }
}

interface Rig {
  readonly port: ScriptedPort
  readonly cluster: LocalCluster
  readonly hub: ClusterHub
  join(): Promise<{ worker: LocalWorker; bus: Bus; buffer: RemoteBuffer }>
}

function rig(): Rig {
  const cluster = new LocalCluster()
  const port = new ScriptedPort()
  const hub = new ClusterHub({ channel: cluster.primary(), identity: 'one' })
  serveBuffer(hub, port, codec)
  hub.listen()
  return {
    port,
    cluster,
    hub,
    async join() {
      const worker = cluster.worker()
      const bus = await openClusterBus({
        channel: worker.channel,
        identity: 'one',
        clock: systemClock,
      })
      return { worker, bus, buffer: new RemoteBuffer({ bus, codec }) }
    },
  }
}

const insert = (n: number): WriteRequest => ({ kind: 'insert', table: 't', rows: [{ n }] })

test('writes of a turn travel as one message, in order, with their types', async () => {
  const { port, cluster, join } = rig()
  const { buffer } = await join()
  await buffer.stats()
  const before = cluster.sent
  const at = new Date(1.7e12)
  const row = { at, bytes: Buffer.from([0, 255]), big: 2n ** 70n, none: null, nan: Number.NaN }
  const requests: WriteRequest[] = [
    { kind: 'insert', table: 't', rows: [row] },
    { kind: 'update', table: 't', key: { a: 1n, b: at }, set: { row: 'x' }, onMissing: 'ignore' },
    {
      kind: 'increment',
      table: 't',
      key: 7,
      column: 'n',
      by: -2,
      onMissing: 'dead',
      returning: true,
    },
    { kind: 'delete', table: 't', key: Buffer.from([7]) },
  ]
  const answers = await Promise.all(
    requests.map((request) => buffer.submit('main', request, 'disk')),
  )
  expect(port.submitted.map((one) => one.request)).toEqual(requests)
  expect(port.submitted.every((one) => one.connection === 'main' && one.ack === 'disk')).toBe(true)
  expect(answers.map((answer) => [answer.ack, answer.value])).toEqual(
    [1, 2, 3, 4].map((n) => ['disk', n]),
  )
  // One message there and one back.
  expect(cluster.sent - before).toBeLessThanOrEqual(2)
})

test('a write is acknowledged after the journal of the owner, and applied when the owner says so', async () => {
  const { port, join } = rig()
  const { buffer } = await join()
  const synced = deferred<void>()
  port.durable = synced.promise
  let acknowledged = false
  const submitting = buffer.submit('main', insert(1)).then((answer) => {
    acknowledged = true
    return answer
  })
  await until(() => port.submitted.length === 1)
  await buffer.stats()
  expect(acknowledged).toBe(false)
  // Applied before its acknowledgement arrives: also that order is possible.
  port.applied[0]?.resolve()
  synced.resolve()
  await (
    await submitting
  ).applied
  const refused = await buffer.submit('main', insert(2))
  const cause = Object.assign(new Error('NOT NULL failed'), { code: 'SQLITE_CONSTRAINT_NOTNULL' })
  port.applied[1]?.reject(
    new MillraceError('MILLRACE_WRITE_REFUSED', 'Refused.', { remedy: 'Look at it.', cause }),
  )
  await expect(refused.applied).rejects.toMatchObject({
    code: 'MILLRACE_WRITE_REFUSED',
    message: 'Refused. Look at it.',
    remedy: 'Look at it.',
    cause: { message: 'NOT NULL failed', code: 'SQLITE_CONSTRAINT_NOTNULL' },
  })
})

test('errors of the owner keep their codes', async () => {
  const { port, join } = rig()
  const { buffer } = await join()
  port.refuse = new MillraceError('MILLRACE_BUFFER_FULL', 'Full.', { remedy: 'Wait.' })
  await expect(buffer.submit('main', insert(1))).rejects.toMatchObject({
    code: 'MILLRACE_BUFFER_FULL',
    message: 'Full. Wait.',
  })
  await expect(buffer.discardDeadLetter('x')).rejects.toMatchObject({
    code: 'MILLRACE_DEAD_LETTER_UNKNOWN',
  })
  const unkept = buffer.submit('main', { kind: 'insert', table: 't', rows: [{ f: () => 1 }] })
  await expect(unkept).rejects.toMatchObject({ code: 'MILLRACE_VALUE_INVALID' })
})

test('questions and their answers keep their types', async () => {
  const { port, join } = rig()
  const { buffer } = await join()
  expect(await buffer.get('main', 't', 5n, 'n')).toBe(12n)
  await buffer.flush()
  expect(await buffer.stats()).toEqual({ pending: 3, connections: {} })
  expect(await buffer.deadLetters('main')).toEqual([{ id: 'a', values: { at: new Date(5) } }])
  await buffer.retryDeadLetter('a')
  expect(port.calls).toEqual([
    ['get', 'main', 't', 5n, 'n'],
    ['flush', undefined, undefined],
    ['stats'],
    ['deadLetters', 'main'],
    ['retry', 'a'],
  ])
})

test('B2: a write that is sent again is not written again', async () => {
  const { port, join } = rig()
  const { bus } = await join()
  const sent: [string, Message][] = []
  const spying: Bus = {
    request: (topic, payload) => {
      sent.push([topic, payload])
      return bus.request(topic, payload)
    },
    notify: (topic, payload) => {
      bus.notify(topic, payload)
    },
    onNotice: (topic, handler) => {
      bus.onNotice(topic, handler)
    },
  }
  const buffer = new RemoteBuffer({ bus: spying, codec })
  const first = await buffer.submit('main', insert(1))
  const again = sent.filter(([topic]) => topic === 'buffer.submit').at(-1) ?? ['', null]
  const answer = await bus.request(again[0], again[1])
  expect(unpack(codec, answer)).toEqual({ ack: 'disk', value: 1 })
  expect(port.submitted).toHaveLength(1)
  port.applied[0]?.resolve()
  await first.applied
  // The next write says that the first one's answer has arrived: it may be forgotten, but not written.
  await buffer.submit('main', insert(2))
  await expect(bus.request(again[0], again[1])).rejects.toThrow()
  expect(port.submitted).toHaveLength(2)
})

test('what the owner accepted stays when the worker dies', async () => {
  const { port, hub, join } = rig()
  const { worker, buffer } = await join()
  await buffer.submit('main', insert(1))
  worker.kill()
  await until(() => hub.peers === 0)
  port.applied[0]?.resolve()
  const other = await join()
  const submitted = await other.buffer.submit('main', insert(1))
  port.applied[1]?.resolve()
  await submitted.applied
  expect(port.submitted).toHaveLength(2)
})

test('a lost line rejects what is awaited, and hangs nobody', async () => {
  const { port, join } = rig()
  const { worker, buffer } = await join()
  const accepted = await buffer.submit('main', insert(1))
  port.durable = new Promise(() => undefined)
  const waiting = buffer.submit('main', insert(2))
  await until(() => port.submitted.length === 2)
  worker.disconnect()
  const code = 'MILLRACE_STORE_LOST'
  await expect(waiting).rejects.toMatchObject({ code })
  await expect(accepted.applied).rejects.toMatchObject({ code })
  await expect(buffer.submit('main', insert(3))).rejects.toMatchObject({ code })
  await expect(buffer.get('main', 't', 1, 'n')).rejects.toMatchObject({ code })
})

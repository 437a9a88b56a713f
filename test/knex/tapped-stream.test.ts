import { PassThrough, pipeline, Readable, type Transform, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { streamed } from '../../src/knex/tapped-stream.ts'

/** Knex's stream and its driver, as its mysql dialect wires them: what the guard hears of the statement, and what Knex does. */
async function outcomes(end: (stream: Transform) => void, source = rows()) {
  const stream = new PassThrough({ objectMode: true })
  let guard: unknown
  const knex = streamed(stream, async (send) => {
    try {
      guard = await send(
        () =>
          new Promise((resolve, reject) => {
            stream.on('error', reject)
            stream.on('end', () => resolve('ended'))
            source.on('error', (error) => stream.emit('error', error))
            source.pipe(stream)
          }),
      )
      return guard
    } catch (error) {
      guard = error
      throw error
    }
  })
  const told = knex.catch((error: unknown) => error)
  stream.on('error', () => undefined)
  end(stream)
  await expect.poll(() => guard).toBeDefined()
  return { guard, told }
}

function rows(count = 1000): Readable {
  return Readable.from(Array.from({ length: count }, (_, id) => ({ id })))
}

const unanswered = { code: 'ERR_STREAM_PREMATURE_CLOSE' }

test('a stream that comes to its end is answered', async () => {
  const { guard, told } = await outcomes((stream) => void stream.resume())
  expect(guard).toBe('ended')
  expect(await told).toBe('ended')
})

test('an error of the database is an answer', async () => {
  const refused = new Error('refused')
  const source = new Readable({ objectMode: true, read: () => source.destroy(refused) })
  const { guard, told } = await outcomes((stream) => void stream.resume(), source)
  expect(guard).toBe(refused)
  expect(await told).toBe(refused)
})

test.each<[string, (stream: Transform) => void]>([
  ['destroy()', (stream) => void stream.destroy()],
  ['destroy(error)', (stream) => void stream.destroy(new Error('enough'))],
  [
    'a pipeline whose target fails',
    (stream) =>
      void pipeline(
        stream,
        new Writable({
          objectMode: true,
          write: (_row, _encoding, done) => done(new Error('full')),
        }),
        () => undefined,
      ),
  ],
  [
    'break',
    (stream) => {
      void (async () => {
        for await (const row of stream) if (row !== undefined) break
      })()
    },
  ],
])('a stream that its caller ends by %s has no answer', async (_way, end) => {
  expect((await outcomes(end)).guard).toMatchObject(unanswered)
})

test('nor has one that was destroyed before it was sent', async () => {
  const stream = new PassThrough({ objectMode: true })
  stream.destroy()
  const told = streamed(stream, async (send) => {
    await expect(send(() => new Promise(() => undefined))).rejects.toMatchObject(unanswered)
    throw new Error('told by the guard')
  })
  // Knex has given its connection back already: it must not hear of the statement again.
  const silent = Symbol('silent')
  const first = await Promise.race([told, new Promise((resolve) => setImmediate(resolve, silent))])
  expect(first).toBe(silent)
})

test('what fails before anything is sent is shown to the stream', async () => {
  const stream = new PassThrough({ objectMode: true })
  const shown = new Promise((resolve) => stream.once('error', resolve))
  const refused = new Error('cannot be announced')
  await expect(streamed(stream, () => Promise.reject(refused))).rejects.toBe(refused)
  expect(await shown).toBe(refused)
})

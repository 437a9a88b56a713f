import { fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ErrorCode, Millrace } from '../../src/index.ts'
import { MillraceError, millrace } from '../../src/index.ts'
import { fixturePath } from '../support/fixture.ts'

/** The error that a call gives, thrown or rejected; it must carry the code and a remedy. */
async function errorOf(call: () => unknown): Promise<MillraceError> {
  try {
    await call()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('It was accepted.')
}

async function expectCode(code: ErrorCode, call: () => unknown): Promise<MillraceError> {
  const error = await errorOf(call)
  expect(error.code).toBe(code)
  return error
}

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'millrace-bad-input-'))
})
afterEach(async () => {
  await chmod(directory, 0o755)
  await rm(directory, { recursive: true, force: true })
})

const sqlite = () => ({
  client: 'better-sqlite3',
  connection: { filename: join(directory, 'app.db') },
})

describe('opening', () => {
  test('an unknown client', async () => {
    await expectCode('MILLRACE_CLIENT_UNSUPPORTED', () =>
      millrace({ connection: { client: 'oracledb', connection: {} } }),
    )
  })

  test.each(['pg', 'mysql2'])('a %s server that does not answer', async (client) => {
    const error = await expectCode('MILLRACE_DATABASE_UNREACHABLE', () =>
      millrace({ connection: { client, connection: { host: '127.0.0.1', port: 1, user: 'x' } } }),
    )
    expect(error.message).toContain('"default"')
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('a file that is no database', async () => {
    await writeFile(
      join(directory, 'app.db'),
      'this is text, and long enough to be read as a header',
    )
    await expectCode('MILLRACE_DATABASE_UNREACHABLE', () => millrace({ connection: sqlite() }))
  })

  test('one of two connections that fails leaves nothing open', async () => {
    await expectCode('MILLRACE_DATABASE_UNREACHABLE', () =>
      millrace({
        connections: {
          default: sqlite(),
          other: { client: 'pg', connection: { host: '127.0.0.1', port: 1 } },
        },
      }),
    )
    const DB = await millrace({ connection: sqlite() })
    await DB.close()
  })

  test.each([
    ['cache.ttl', { cache: { ttl: 0 } }, 'MILLRACE_DURATION_INVALID'],
    ['cache.ttl', { cache: { ttl: 'soon' } }, 'MILLRACE_DURATION_INVALID'],
    ['cache.tll', { cache: { tll: 5 } }, 'MILLRACE_OPTION_UNKNOWN'],
    ['chache', { chache: {} }, 'MILLRACE_OPTION_UNKNOWN'],
    ['store', { store: 'memroy' }, 'MILLRACE_OPTION_INVALID'],
    ['settleDelay', { settleDelay: -1 }, 'MILLRACE_DURATION_INVALID'],
  ] as const)('option %s: %j', async (path, options, code) => {
    const error = await expectCode(code, () =>
      millrace({ connection: sqlite(), ...options } as never),
    )
    expect(error.message).toContain(path)
  })
})

describe('with an open DB', () => {
  let DB: Millrace

  beforeEach(async () => {
    DB = await millrace({
      connection: sqlite(),
      buffer: { journal: join(directory, 'journal'), flushInterval: 20 },
    })
    await DB.schema.createTable('posts', (t) => {
      t.increments('id')
      t.string('title')
      t.integer('views').defaultTo(0)
    })
    await DB.schema.createTable('pages', (t) => {
      t.string('slug').primary()
      t.integer('views').defaultTo(0)
    })
    await DB.table('posts').insert({ id: 1, title: 'one' })
    await DB.table('pages').insert({ slug: '{"id":1}', views: 0 })
  })

  afterEach(async () => {
    await DB.close()
  })

  test.each([0, -5, NaN, 'soon', '', '5 parsecs', null, '[object Object]'])(
    '.cache(%j)',
    async (ttl) => {
      const error = await errorOf(() => DB.table('posts').cache(ttl as never))
      expect(error.code).toMatch(/^MILLRACE_(DURATION|OPTION)_INVALID$/)
    },
  )

  test('.cache() on an update', async () => {
    await expectCode('MILLRACE_CACHE_ON_WRITE', () =>
      DB.table('posts').cache(60).where('id', 1).update({ title: 'no' }),
    )
    expect(await DB.table('posts').first()).toMatchObject({ title: 'one' })
  })

  test('an unknown table in the buffer', async () => {
    const error = await expectCode('MILLRACE_TABLE_UNKNOWN', () =>
      DB.table('psots').buffer.insert({ title: 'x' }),
    )
    expect(error.message).toContain('psots')
  })

  test('an unknown column in the buffer', async () => {
    const error = await expectCode('MILLRACE_COLUMN_UNKNOWN', () =>
      DB.table('posts').buffer.where(1).update({ titel: 'x' }),
    )
    expect(error.message).toContain('titel')
  })

  test.each([
    undefined,
    null,
    NaN,
    {},
    { title: 'one' },
    { id: undefined },
    { id: 1, title: 'one' },
    true,
  ])('buffer.where(%j) on an integer key', async (key) => {
    await expectCode('MILLRACE_KEY_INVALID', () =>
      DB.table('posts')
        .buffer.where(key as never)
        .increment('views'),
    )
    expect(await DB.table('posts').select('views')).toEqual([{ views: 0 }])
  })

  test('a JSON text is never read: an error on an integer key, an ordinary id on a text key', async () => {
    await expectCode('MILLRACE_KEY_INVALID', () =>
      DB.table('posts').buffer.where('{"id":1}').increment('views'),
    )
    const { applied } = await DB.table('pages').buffer.where('{"id":1}').increment('views')
    await applied
    expect(await DB.table('pages').select('views')).toEqual([{ views: 1 }])
    expect(await DB.table('posts').select('views')).toEqual([{ views: 0 }])
  })

  test('an update without columns, an insert without rows, undefined and raw values', async () => {
    const { buffer } = DB.table('posts')
    await expectCode('MILLRACE_WRITE_EMPTY', () => buffer.where(1).update({}))
    await expectCode('MILLRACE_WRITE_EMPTY', () => buffer.insert([]))
    await expectCode('MILLRACE_VALUE_INVALID', () => buffer.where(1).update({ title: undefined }))
    await expectCode('MILLRACE_VALUE_INVALID', () => buffer.insert({ title: DB.raw('now()') }))
    await expectCode('MILLRACE_VALUE_INVALID', () => buffer.where(1).increment('views', NaN))
  })

  test('a buffer in a transaction', async () => {
    await DB.transaction(async (trx) => {
      await expectCode(
        'MILLRACE_BUFFER_IN_TRANSACTION',
        () => (trx('posts') as unknown as { buffer: unknown }).buffer,
      )
    })
  })

  test('a journal that another process has open', async () => {
    await (
      await DB.table('posts').buffer.where(1).increment('views')
    ).applied
    const child = fork(fixturePath('integration/fixtures/open-journal.fixture.ts'), [
      join(directory, 'app.db'),
      join(directory, 'journal'),
    ])
    const [answer] = (await once(child, 'message')) as [{ code: string; message: string }]
    expect(answer.code).toBe('MILLRACE_JOURNAL_LOCKED')
    expect(answer.message).toContain(String(process.pid))
    child.kill()
  })

  test('everything after close()', async () => {
    const { buffer } = DB.table('posts')
    await DB.close()
    await expectCode('MILLRACE_CLOSED', () => buffer.where(1).increment('views'))
  })
})

test('a journal that cannot be written', async () => {
  await writeFile(join(directory, 'file'), '')
  const DB = await millrace({
    connection: sqlite(),
    buffer: { journal: join(directory, 'file', 'journal') },
  })
  await DB.schema.createTable('posts', (t) => t.increments('id'))
  const error = await expectCode('MILLRACE_JOURNAL_UNWRITABLE', () =>
    DB.table('posts').buffer.insert({}),
  )
  expect(error.message).toContain(join(directory, 'file', 'journal'))
  await DB.close()
})

test('buffer: false', async () => {
  const DB = await millrace({ connection: sqlite(), buffer: false })
  await DB.schema.createTable('posts', (t) => t.increments('id'))
  await expectCode('MILLRACE_BUFFER_OFF', () => DB.table('posts').buffer.insert({}))
  await expectCode('MILLRACE_BUFFER_OFF', () => DB.buffer.flush())
  await DB.close()
})

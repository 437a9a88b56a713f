import knexPackage from 'knex'
import { afterAll, describe, expect, test } from 'vitest'
import { MillraceError } from '../../src/base/errors.ts'
import type { ErrorCode } from '../../src/base/errors.ts'
import { resolveInstallOptions, resolveOptions } from '../../src/options/resolve-options.ts'

const connection = { client: 'better-sqlite3', connection: { filename: ':memory:' } }
const knex = knexPackage({ ...connection, useNullAsDefault: true })
afterAll(() => knex.destroy())

function refusal(
  input: unknown,
  read: (input: unknown) => unknown = resolveOptions,
): MillraceError {
  try {
    read(input)
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('The options were accepted.')
}

function withConnection(options: object): unknown {
  return { connection, ...options }
}

test('defaults are complete, in milliseconds and bytes', () => {
  expect(resolveOptions({ connection })).toEqual({
    connections: new Map([
      [
        'default',
        {
          kind: 'config',
          name: 'default',
          dialect: 'sqlite',
          driver: 'better-sqlite3',
          config: connection,
        },
      ],
    ]),
    store: 'memory',
    cache: {
      ttlMs: 300_000,
      maxEntries: 10_000,
      maxBytes: 64 * 1024 ** 2,
      frozen: false,
      fingerprint: true,
      tables: new Map(),
      partition: new Map(),
      auditRate: 0,
    },
    buffer: {
      ack: 'disk',
      journal: './.millrace',
      flushIntervalMs: 5000,
      maxBatch: 1000,
      maxPending: 10_000,
      drainTimeoutMs: 30_000,
      overflow: 'block',
      onMissing: 'ignore',
    },
    nanoid: new Map(),
    settleDelayMs: 30_000,
    onEvent: undefined,
  })
})

test('a bare number is seconds for cache lifetimes and milliseconds elsewhere', () => {
  const options = resolveOptions(
    withConnection({
      cache: { ttl: 60, tables: { posts: { ttl: '5m', maxKeys: 10 }, tags: { ttl: Infinity } } },
      buffer: { flushInterval: 250, drainTimeout: '1m' },
      settleDelay: 1500,
    }),
  )
  expect(options.cache?.ttlMs).toBe(60_000)
  expect(options.cache?.tables).toEqual(
    new Map([
      ['posts', { ttlMs: 300_000, maxKeys: 10 }],
      ['tags', { ttlMs: Infinity, maxKeys: undefined }],
    ]),
  )
  expect(options.buffer?.flushIntervalMs).toBe(250)
  expect(options.buffer?.drainTimeoutMs).toBe(60_000)
  expect(options.settleDelayMs).toBe(1500)
})

test('cache, buffer: false switches off, true and {} are the defaults', () => {
  const off = resolveOptions(withConnection({ cache: false, buffer: false }))
  expect([off.cache, off.buffer]).toEqual([undefined, undefined])
  const plain = resolveOptions({ connection })
  for (const on of [true, {}]) {
    const options = resolveOptions(withConnection({ cache: on, buffer: on }))
    expect(options.cache).toEqual(plain.cache)
    expect(options.buffer).toEqual(plain.buffer)
  }
})

test('partition columns are folded, sorted and named once', () => {
  const options = resolveOptions(
    withConnection({
      cache: {
        partition: {
          Orders: ['Tenant_ID', 'region', 'tenant_id'],
          orders: ['area'],
          posts: ['Tag'],
        },
        audit: 0.001,
      },
    }),
  )
  expect(options.cache?.partition).toEqual(
    new Map([
      ['orders', ['area', 'region', 'tenant_id']],
      ['posts', ['tag']],
    ]),
  )
  expect(options.cache?.auditRate).toBe(0.001)
  const bounds = [0, 1].map(
    (audit) => resolveOptions(withConnection({ cache: { audit } })).cache?.auditRate,
  )
  expect(bounds).toEqual([0, 1])
})

test('nanoid columns get 21 characters or the size they name', () => {
  const { nanoid } = resolveOptions(
    withConnection({ nanoid: { notes: 'id', tags: { id: 8, slug: 2 } } }),
  )
  expect(nanoid).toEqual(
    new Map([
      ['notes', new Map([['id', 21]])],
      [
        'tags',
        new Map([
          ['id', 8],
          ['slug', 2],
        ]),
      ],
    ]),
  )
})

describe('unknown options', () => {
  test.each([
    [{ conection: {} }, 'conection', 'connection'],
    [withConnection({ cach: false }), 'cach', 'cache'],
    [withConnection({ cache: { TTL: 1 } }), 'cache.TTL', 'cache.ttl'],
    [withConnection({ cache: { maxEntry: 1 } }), 'cache.maxEntry', 'cache.maxEntries'],
    [
      withConnection({ cache: { tables: { posts: { maxkeys: 1 } } } }),
      'cache.tables.posts.maxkeys',
      'cache.tables.posts.maxKeys',
    ],
    [
      withConnection({ buffer: { flushInterva: 1 } }),
      'buffer.flushInterva',
      'buffer.flushInterval',
    ],
  ])('%j', (input, path, nearest) => {
    const error = refusal(input)
    expect(error.code).toBe('MILLRACE_OPTION_UNKNOWN')
    expect(error.message).toContain(`There is no option ${path}.`)
    expect(error.remedy).toBe(`Did you mean ${nearest}?`)
  })

  test('far from every name: all of them are listed', () => {
    expect(refusal(withConnection({ cache: { colour: 'red' } })).remedy).toContain(
      'ttl, maxEntries',
    )
  })
})

describe('wrong values name their path', () => {
  const cases: [ErrorCode, string, unknown][] = [
    ['MILLRACE_OPTION_INVALID', 'options are missing', undefined],
    ['MILLRACE_OPTION_INVALID', 'options are a list', []],
    ['MILLRACE_OPTION_INVALID', 'connection is missing', {}],
    ['MILLRACE_OPTION_INVALID', 'Both', { connection, connections: { default: connection } }],
    ['MILLRACE_OPTION_INVALID', 'connection is "shop.db"', { connection: 'shop.db' }],
    ['MILLRACE_OPTION_INVALID', 'connection is null', { connection: null }],
    ['MILLRACE_OPTION_INVALID', 'connections.default', { connections: { other: connection } }],
    [
      'MILLRACE_OPTION_INVALID',
      'connections.cache',
      { connections: { default: connection, cache: connection } },
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'connections.then',
      { connections: { default: connection, then: connection } },
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'connections.a-b',
      { connections: { default: connection, 'a-b': connection } },
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'same Knex instance',
      { connections: { default: knex, other: knex } },
    ],
    ['MILLRACE_OPTION_INVALID', 'store is "memroy"', withConnection({ store: 'memroy' })],
    ['MILLRACE_OPTION_INVALID', 'this version', withConnection({ store: 'redis' })],
    ['MILLRACE_OPTION_INVALID', 'store is an object', withConnection({ store: {} })],
    ['MILLRACE_OPTION_INVALID', 'cache is 60', withConnection({ cache: 60 })],
    ['MILLRACE_OPTION_INVALID', 'cache is null', withConnection({ cache: null })],
    ['MILLRACE_DURATION_INVALID', 'cache.ttl is 0', withConnection({ cache: { ttl: 0 } })],
    [
      'MILLRACE_DURATION_INVALID',
      'cache.ttl is "soon"',
      withConnection({ cache: { ttl: 'soon' } }),
    ],
    ['MILLRACE_DURATION_INVALID', 'cache.ttl is NaN', withConnection({ cache: { ttl: NaN } })],
    ['MILLRACE_DURATION_INVALID', 'cache.ttl is 5n', withConnection({ cache: { ttl: 5n } })],
    ['MILLRACE_DURATION_INVALID', 'cache.ttl is null', withConnection({ cache: { ttl: null } })],
    [
      'MILLRACE_DURATION_INVALID',
      'cache.tables.posts.ttl is -1',
      withConnection({ cache: { tables: { posts: { ttl: -1 } } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.maxEntries is 1.5',
      withConnection({ cache: { maxEntries: 1.5 } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.maxEntries is 0',
      withConnection({ cache: { maxEntries: 0 } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.maxBytes is "64"',
      withConnection({ cache: { maxBytes: '64' } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.frozen is "yes"',
      withConnection({ cache: { frozen: 'yes' } }),
    ],
    ['MILLRACE_OPTION_INVALID', 'cache.audit is true', withConnection({ cache: { audit: true } })],
    ['MILLRACE_OPTION_INVALID', 'cache.audit is null', withConnection({ cache: { audit: null } })],
    ['MILLRACE_OPTION_INVALID', 'cache.audit is "1%"', withConnection({ cache: { audit: '1%' } })],
    ['MILLRACE_OPTION_INVALID', 'cache.audit is 1.01', withConnection({ cache: { audit: 1.01 } })],
    ['MILLRACE_OPTION_INVALID', 'cache.audit is -0.1', withConnection({ cache: { audit: -0.1 } })],
    ['MILLRACE_OPTION_INVALID', 'cache.audit is NaN', withConnection({ cache: { audit: NaN } })],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.partition is a list',
      withConnection({ cache: { partition: ['orders'] } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.partition.orders is "tenant_id", not a list',
      withConnection({ cache: { partition: { orders: 'tenant_id' } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.partition.orders is a list without',
      withConnection({ cache: { partition: { orders: [] } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.partition.orders[1] is 7',
      withConnection({ cache: { partition: { orders: ['tenant_id', 7] } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.partition.orders[0] is " "',
      withConnection({ cache: { partition: { orders: [' '] } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.partition.shop.orders names a table with its schema',
      withConnection({ cache: { partition: { 'shop.orders': ['tenant_id'] } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'cache.tables.posts is 60',
      withConnection({ cache: { tables: { posts: 60 } } }),
    ],
    ['MILLRACE_OPTION_INVALID', 'buffer is "no"', withConnection({ buffer: 'no' })],
    [
      'MILLRACE_OPTION_INVALID',
      'buffer.ack is "disc"',
      withConnection({ buffer: { ack: 'disc' } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      "buffer.overflow is 'sync', which is not there yet",
      withConnection({ buffer: { overflow: 'sync' } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'buffer.journal is ""',
      withConnection({ buffer: { journal: '' } }),
    ],
    [
      'MILLRACE_DURATION_INVALID',
      'buffer.flushInterval is "5 s"',
      withConnection({ buffer: { flushInterval: '5 s' } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'buffer.maxBatch is "10"',
      withConnection({ buffer: { maxBatch: '10' } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'buffer.overflow is "drop"',
      withConnection({ buffer: { overflow: 'drop' } }),
    ],
    ['MILLRACE_OPTION_INVALID', 'nanoid is "id"', withConnection({ nanoid: 'id' })],
    [
      'MILLRACE_OPTION_INVALID',
      'nanoid.notes is true',
      withConnection({ nanoid: { notes: true } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'nanoid.notes is an object without',
      withConnection({ nanoid: { notes: {} } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'nanoid.notes.id is 1',
      withConnection({ nanoid: { notes: { id: 1 } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'nanoid.notes.id is 257',
      withConnection({ nanoid: { notes: { id: 257 } } }),
    ],
    [
      'MILLRACE_OPTION_INVALID',
      'nanoid.notes.id is 2.5',
      withConnection({ nanoid: { notes: { id: 2.5 } } }),
    ],
    [
      'MILLRACE_DURATION_INVALID',
      'settleDelay is Infinity',
      withConnection({ settleDelay: Infinity }),
    ],
    ['MILLRACE_DURATION_INVALID', 'settleDelay is 0', withConnection({ settleDelay: 0 })],
    ['MILLRACE_OPTION_INVALID', 'onEvent is "log"', withConnection({ onEvent: 'log' })],
  ]
  test.each(cases)('%s: %s', (code, text, input) => {
    const error = refusal(input)
    expect(error.code).toBe(code)
    expect(error.message).toContain(text)
    expect(error.remedy).toBeDefined()
  })
})

describe('clients', () => {
  test.each([
    ['better-sqlite3', 'sqlite', 'better-sqlite3'],
    ['pg', 'postgres', 'pg'],
    ['postgres', 'postgres', 'pg'],
    ['postgresql', 'postgres', 'pg'],
    ['mysql2', 'mysql', 'mysql2'],
  ])('%s', (client, dialect, driver) => {
    expect(resolveOptions({ connection: { client } }).connections.get('default')).toMatchObject({
      dialect,
      driver,
    })
  })

  test.each([
    ['sqlite3', "Use 'better-sqlite3' instead."],
    ['mysql', "Use 'mysql2' instead."],
    ['mariadb', "Use 'mysql2' instead."],
    ['pgnative', "Use 'pg' instead."],
    ['mssql', "Supported: 'better-sqlite3', 'pg'"],
    ['constructor', "Supported: 'better-sqlite3', 'pg'"],
    [undefined, "Supported: 'better-sqlite3', 'pg'"],
  ])('%s is refused', (client, remedy) => {
    const error = refusal({ connection: { client } })
    expect(error.code).toBe('MILLRACE_CLIENT_UNSUPPORTED')
    expect(error.remedy).toContain(remedy)
  })

  test('an instance is taken as it is, also one that another copy of Knex made', () => {
    expect(resolveOptions({ connection: knex }).connections.get('default')).toEqual({
      kind: 'instance',
      name: 'default',
      dialect: 'sqlite',
      knex,
    })
    const foreign = Object.assign(() => undefined, {
      client: { driverName: 'mysql2' },
      raw: () => undefined,
    })
    expect(resolveOptions({ connection: foreign }).connections.get('default')).toMatchObject({
      kind: 'instance',
      dialect: 'mysql',
    })
  })

  test('an instance of a database built on PostgreSQL is told apart', () => {
    const cockroach = Object.assign(() => undefined, {
      client: { driverName: 'cockroachdb', dialect: 'postgresql' },
      raw: () => undefined,
    })
    expect(refusal({ connection: cockroach }).code).toBe('MILLRACE_CLIENT_UNSUPPORTED')
  })

  test('a client class counts by its driver', () => {
    const client = knex.client as { constructor: unknown }
    expect(
      resolveOptions({ connection: { client: client.constructor } }).connections.get('default'),
    ).toMatchObject({ dialect: 'sqlite' })
  })

  test('a transaction is refused', async () => {
    const trx = await knex.transaction()
    expect(refusal({ connection: trx }).message).toContain('connection is a transaction')
    await trx.rollback()
  })

  test('no message shows what is in the connection', () => {
    const secret = { client: 'mssql', connection: { password: 'swordfish' } }
    expect(refusal({ connection: secret }).message).not.toContain('swordfish')
  })
})

test('a store of another package is kept as it is', () => {
  const store = { kind: 'redis', open: () => undefined }
  expect(resolveOptions(withConnection({ store })).store).toBe(store)
})

test('install takes an instance and the options beside it', () => {
  const read = (input: unknown): unknown => resolveInstallOptions(knex, input)
  expect(resolveInstallOptions(knex, undefined)).toEqual(resolveOptions({ connection: knex }))
  expect(resolveInstallOptions(knex, { buffer: false }).buffer).toBeUndefined()
  expect(refusal({ connection: knex }, read).code).toBe('MILLRACE_OPTION_UNKNOWN')
  expect(refusal(connection, (input) => resolveInstallOptions(input, {})).message).toContain(
    'install()',
  )
})

import { expect, test } from 'vitest'
import { describeDatabases } from '../support/databases.ts'
import { openBench } from './bench.fixture.ts'
import { describeTable } from './tables.fixture.ts'

const posts = {
  name: 'posts',
  columns: {
    id: { type: 'int' },
    slug: { type: 'text' },
    views: { type: 'int', default: '0' },
    twice: { type: 'int', generatedAs: 'views * 2' },
    body: { type: 'json' },
  },
  unique: [['slug']],
} as const
const tags = {
  name: 'tags',
  columns: { id: { type: 'text', nullable: false }, n: { type: 'int' } },
} as const
const pairs = {
  name: 'pairs',
  columns: { a: { type: 'int' }, b: { type: 'int' }, n: { type: 'int' } },
  primaryKey: ['a', 'b'],
} as const

describeDatabases('accept', (name) => {
  test('what cannot be buffered rejects at once, with its code, and leaves nothing behind', async () => {
    const bench = await openBench(name)
    for (const spec of [posts, tags, pairs]) await bench.table(spec)
    bench.target.catalog.set(
      'isam',
      describeTable({ ...tags, name: 'isam', transactional: false }, bench.target.dialect),
    )
    const buffer = bench.open()
    const [post, tag, pair] = ['posts', 'tags', 'pairs'].map((table) => bench.front(buffer, table))
    if (post === undefined || tag === undefined || pair === undefined) throw new Error('no fronts')
    const key = (given: unknown, front = post): Promise<unknown> =>
      front.where(given).update({ views: 1 })
    class Point {
      readonly x = 1
    }
    const cases: [string, string, () => Promise<unknown>][] = [
      [
        'unknown table',
        'MILLRACE_TABLE_UNKNOWN',
        () => bench.front(buffer, 'nope').insert({ id: 1 }),
      ],
      [
        'unknown table in get',
        'MILLRACE_TABLE_UNKNOWN',
        () => bench.front(buffer, 'nope').where(1).get('id'),
      ],
      ['unknown column', 'MILLRACE_COLUMN_UNKNOWN', () => post.insert({ nope: 1 })],
      ['unknown column to set', 'MILLRACE_COLUMN_UNKNOWN', () => post.where(1).update({ nope: 1 })],
      [
        'unknown column to add to',
        'MILLRACE_COLUMN_UNKNOWN',
        () => post.where(1).increment('nope'),
      ],
      ['unknown column to get', 'MILLRACE_COLUMN_UNKNOWN', () => post.where(1).get('nope')],
      ['prototype column', 'MILLRACE_COLUMN_UNKNOWN', () => post.where(1).increment('constructor')],
      ['where(undefined)', 'MILLRACE_KEY_INVALID', () => key(undefined)],
      ['where(null)', 'MILLRACE_KEY_INVALID', () => key(null)],
      ['where(NaN)', 'MILLRACE_KEY_INVALID', () => key(Number.NaN)],
      ['where(fraction)', 'MILLRACE_KEY_INVALID', () => key(1.5)],
      ['where(true)', 'MILLRACE_KEY_INVALID', () => key(true)],
      ['where(JSON)', 'MILLRACE_KEY_INVALID', () => key('{"id":1}')],
      ['where(words)', 'MILLRACE_KEY_INVALID', () => key('seven')],
      ['where(blank)', 'MILLRACE_KEY_INVALID', () => key('')],
      ['where(array)', 'MILLRACE_KEY_INVALID', () => key([1])],
      ['where(function)', 'MILLRACE_KEY_INVALID', () => key(() => 1)],
      ['where({})', 'MILLRACE_KEY_INVALID', () => key({})],
      ['where(no key)', 'MILLRACE_KEY_INVALID', () => key({ views: 1 })],
      ['where(undefined in a key)', 'MILLRACE_KEY_INVALID', () => key({ id: undefined })],
      ['where(null in a key)', 'MILLRACE_KEY_INVALID', () => key({ slug: null })],
      ['half a composite key', 'MILLRACE_KEY_INVALID', () => pair.where({ a: 1 }).increment('n')],
      ['a scalar for a composite key', 'MILLRACE_KEY_INVALID', () => pair.where(1).increment('n')],
      ['get without a key', 'MILLRACE_KEY_INVALID', () => post.where(undefined).get('views')],
      ['change of the key', 'MILLRACE_KEY_INVALID', () => post.where(1).update({ id: 2 })],
      [
        'change of the named key',
        'MILLRACE_KEY_INVALID',
        () => post.where({ slug: 'a' }).update({ slug: 'b' }),
      ],
      ['undefined value', 'MILLRACE_VALUE_INVALID', () => post.insert({ id: 1, slug: undefined })],
      [
        'undefined to set',
        'MILLRACE_VALUE_INVALID',
        () => post.where(1).update({ slug: undefined }),
      ],
      [
        'raw SQL',
        'MILLRACE_VALUE_INVALID',
        () => post.where(1).update({ views: bench.knex.raw('views + 1') }),
      ],
      [
        'a builder',
        'MILLRACE_VALUE_INVALID',
        () => post.insert({ id: 1, views: bench.knex('posts').max('id') }),
      ],
      ['a reference', 'MILLRACE_VALUE_INVALID', () => post.insert({ id: bench.knex.ref('id') })],
      ['a function', 'MILLRACE_VALUE_INVALID', () => post.insert({ id: () => 1 })],
      ['a symbol', 'MILLRACE_VALUE_INVALID', () => post.insert({ id: Symbol('x') })],
      [
        'a class instance',
        'MILLRACE_VALUE_INVALID',
        () => post.insert({ id: 1, body: new Point() }),
      ],
      [
        'no row',
        'MILLRACE_VALUE_INVALID',
        () => post.insert(null as unknown as object as Record<string, unknown>),
      ],
      ['a generated column', 'MILLRACE_VALUE_INVALID', () => post.insert({ id: 1, twice: 4 })],
      [
        'increment by NaN',
        'MILLRACE_VALUE_INVALID',
        () => post.where(1).increment('views', Number.NaN),
      ],
      [
        'increment by Infinity',
        'MILLRACE_VALUE_INVALID',
        () => post.where(1).increment('views', Infinity),
      ],
      [
        'increment by text',
        'MILLRACE_VALUE_INVALID',
        () => post.where(1).decrement('views', '1' as unknown as number),
      ],
      ['empty update', 'MILLRACE_WRITE_EMPTY', () => post.where(1).update({})],
      ['empty insert', 'MILLRACE_WRITE_EMPTY', () => post.insert([])],
      [
        'no transactions',
        'MILLRACE_TABLE_UNSUPPORTED',
        () => bench.front(buffer, 'isam').insert({ id: 'a' }),
      ],
      [
        'unknown option',
        'MILLRACE_OPTION_UNKNOWN',
        () => post.insert({ id: 1 }, { acks: 'disk' } as object),
      ],
      [
        'bad level',
        'MILLRACE_OPTION_INVALID',
        () => post.insert({ id: 1 }, { ack: 'cloud' } as object),
      ],
      [
        'unknown connection',
        'MILLRACE_CONNECTION_UNKNOWN',
        () => buffer.submit('other', { kind: 'delete', table: 'posts', key: 1 }),
      ],
    ]
    for (const [what, code, run] of cases) {
      const error: unknown = await run().then(
        () => 'no error',
        (reason: unknown) => reason,
      )
      expect(error, what).toMatchObject({ code })
      expect((error as { remedy?: string }).remedy, what).toBeTruthy()
    }
    expect((await buffer.stats()).pending).toBe(0)
    expect(bench.disk.appends).toBe(0)
    // Once for each table or column that the catalog does not know: it might be newer.
    expect(bench.target.refreshes).toBe(7)
    await buffer.close()
    await expect(post.insert({ id: 1 })).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
    await expect(buffer.retryDeadLetter('x')).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
  })

  test('a string is an id: JSON text names a row of a text key, and 7 and "7" the same row', async () => {
    const bench = await openBench(name)
    for (const spec of [posts, tags, pairs]) await bench.table(spec)
    await bench.knex('tags').insert([
      { id: '{"id":1}', n: 0 },
      { id: '7', n: 0 },
    ])
    await bench.knex('posts').insert([{ id: 7, slug: 's' }])
    await bench.knex('pairs').insert([
      { a: 1, b: 2, n: 0 },
      { a: 2, b: 1, n: 0 },
    ])
    const buffer = bench.open()
    await bench.front(buffer, 'tags').where('{"id":1}').increment('n')
    await bench.front(buffer, 'tags').where(7).increment('n', 2)
    for (const id of [7, '7', 7n, { id: '7' }, { slug: 's' }])
      await bench.front(buffer, 'posts').where(id).increment('views')
    await bench.front(buffer, 'pairs').where({ b: '2', a: 1 }).increment('n')
    await buffer.flush()
    expect(await bench.rows('tags')).toEqual([
      { id: '7', n: 2 },
      { id: '{"id":1}', n: 1 },
    ])
    expect(await bench.rows('posts')).toMatchObject([{ id: 7, views: 5 }])
    expect(await bench.rows('pairs', 'a')).toEqual([
      { a: 1, b: 2, n: 1 },
      { a: 2, b: 1, n: 0 },
    ])
  })

  test('a table that is newer than the catalog is found, and values are taken when the write is accepted', async () => {
    const bench = await openBench(name)
    const description = await bench.table(posts)
    bench.target.catalog.clear()
    bench.target.hidden.set('posts', description)
    const buffer = bench.open()
    const row = { id: 1, slug: 'a', body: { list: [1] } }
    const accepted = bench.front(buffer, 'posts').insert(row)
    row.body.list.push(2)
    row.slug = 'changed'
    const receipt = await accepted
    ;(receipt.row?.['body'] as typeof row.body).list.push(3)
    await buffer.flush()
    const [stored] = await bench.rows('posts')
    const body = stored?.['body']
    expect([stored?.['slug'], typeof body === 'string' ? JSON.parse(body) : body]).toEqual([
      'a',
      { list: [1] },
    ])
  })
})

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { describeDatabases } from '../support/databases.ts'
import { openBench } from './bench.fixture.ts'

describeDatabases('reads of pending writes', (name) => {
  const items = {
    name: 'items',
    columns: {
      id: { type: 'int' },
      slug: { type: 'text' },
      n: { type: 'int', default: '0' },
      big: { type: 'bigint', default: '0' },
      price: { type: 'decimal', default: '0' },
      label: { type: 'text', default: "'plain'" },
      at: { type: 'time' },
    },
    unique: [['slug']],
  } as const

  test('B5: get is exact while flushes run: nothing counted twice, missed, or going backwards', async () => {
    const bench = await openBench(name)
    await bench.table(items)
    await bench.knex('items').insert({ id: 1, slug: 'one', big: 0 })
    const buffer = bench.open({ flushIntervalMs: 1, maxBatch: 50 })
    const row = bench.front(buffer, 'items').where(1)
    let issued = 0
    let acknowledged = 0
    let reads = 0
    const wanted = 150
    const writer = async (): Promise<void> => {
      while (reads < wanted) {
        await sleep(1)
        if ((await buffer.stats()).pending > 500) continue
        for (let i = 0; i < 7; i++) {
          issued += 1
          void row.increment('big').then(
            () => (acknowledged += 1),
            () => undefined,
          )
        }
      }
    }
    let previous = 0
    const reader = async (): Promise<void> => {
      while (reads < wanted) {
        await nextTurn()
        const low = issued
        const value = Number(await row.get('big'))
        const high = issued
        reads += 1
        expect(value).toBeGreaterThanOrEqual(low)
        expect(value).toBeLessThanOrEqual(high)
        expect(value).toBeGreaterThanOrEqual(previous)
        previous = value
      }
    }
    await Promise.all([writer(), reader()])
    await buffer.flush()
    expect(acknowledged).toBe(issued)
    expect(Number(await row.get('big'))).toBe(issued)
    expect((await buffer.stats()).applied).toBe(issued)
  })

  test('B5: pending inserts, updates, increments and deletes show, in the types of the driver', async () => {
    const bench = await openBench(name)
    await bench.table(items)
    await bench
      .knex('items')
      .insert({ id: 1, slug: 'one', n: 5, big: '9007199254740000', price: '1.10' })
    const buffer = bench.open()
    const front = bench.front(buffer, 'items')
    const before = (await bench.rows('items'))[0]
    await front.where(1).increment('n', 2)
    await front.where({ slug: 'one' }).increment('n', 3)
    await front.where(1).increment('big', 1n)
    await front.where(1).increment('price', 0.2)
    expect(await front.where('1').get('n')).toBe(10)
    expect(await front.where({ slug: 'one' }).get('n')).toBe(10)
    const pendingBig = await front.where(1).get('big')
    const pendingPrice = await front.where(1).get('price')
    expect(typeof pendingBig).toBe(typeof before?.['big'])
    expect((await buffer.stats()).pending).toBe(4)
    await front.where(1).update({ label: 'new', n: null })
    await front.where(1).increment('n')
    expect(await front.where(1).get('label')).toBe('new')
    expect(await front.where(1).get('n')).toBeNull()
    await front.insert({ id: 2, slug: 'two', n: 1 })
    await front.where(2).increment('n', 4)
    expect(await front.where(2).get('n')).toBe(5)
    expect(await front.where({ slug: 'two' }).get('n')).toBe(5)
    expect(await front.where(2).get('at')).toBeNull()
    expect(await front.where(3).get('n')).toBeUndefined()
    await front.where(1).delete()
    expect(await front.where(1).get('n')).toBeUndefined()
    expect((await buffer.stats()).applied).toBe(0)
    // Only the database knows this one: it is asked.
    expect(await front.where(2).get('label')).toBe('plain')
    expect((await buffer.stats()).pending).toBe(0)
    expect(await bench.rows('items')).toMatchObject([{ id: 2, slug: 'two', n: 5 }])
    await bench
      .knex('items')
      .insert({ id: 9, slug: 'nine', big: '9007199254740001', price: '1.30' })
    const [stored] = await bench.knex('items').where({ id: 9 })
    expect([
      pendingBig,
      name === 'sqlite' ? Number(Number(pendingPrice).toFixed(2)) : pendingPrice,
    ]).toEqual([(stored as { big: unknown }).big, (stored as { price: unknown }).price])
  })

  test('an increment with `returning` answers the new value', async () => {
    const bench = await openBench(name)
    await bench.table(items)
    await bench.knex('items').insert({ id: 1, slug: 'one', n: 5 })
    const buffer = bench.open()
    const row = bench.front(buffer, 'items').where(1)
    expect((await row.increment('n', 2, { returning: true })).value).toBe(7)
    await buffer.flush()
    expect((await row.decrement('n', 3, { returning: true })).value).toBe(4)
    expect(await row.increment('n')).not.toHaveProperty('value')
    const missing = await bench
      .front(buffer, 'items')
      .where(99)
      .increment('n', 1, { returning: true })
    expect(missing.value).toBeUndefined()
  })

  test('calls that are not awaited are seen by the `get` and `flush` after them, from the very first', async () => {
    const bench = await openBench(name)
    await bench.table(items)
    await bench.knex('items').insert({ id: 1, slug: 'one', n: 0 })
    const buffer = bench.open()
    const front = bench.front(buffer, 'items')
    for (let i = 0; i < 5; i++) void front.where(1).increment('n')
    expect(await front.where(1).get('n')).toBe(5)
    for (let i = 0; i < 5; i++) void front.where(1).increment('n')
    await front.flush()
    expect((await bench.rows('items'))[0]?.['n']).toBe(10)
  })

  test('B5: a row whose id the database is still to make is looked for there', async () => {
    const bench = await openBench(name)
    await bench.table({
      name: 'logs',
      columns: { id: { type: 'int', auto: true }, n: { type: 'int', default: '0' } },
    })
    const buffer = bench.open()
    const front = bench.front(buffer, 'logs')
    await front.insert([{ n: 1 }, { n: 5 }])
    await front.where(2).increment('n')
    expect(await front.where(2).get('n')).toBe(6)
    expect(await front.where(3).get('n')).toBeUndefined()
    await front.insert({ n: 9 })
    await front.where(2).increment('n')
    expect(await front.where(2).get('n')).toBe(7)
    // A row that is there needs no flush.
    expect((await buffer.stats()).pending).toBe(2)
  })
})

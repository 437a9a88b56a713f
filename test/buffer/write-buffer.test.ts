import { expect, test } from 'vitest'
import { describeDatabases } from '../support/databases.ts'
import { openBench } from './bench.fixture.ts'

describeDatabases('write buffer', (name) => {
  const notes = {
    name: 'notes',
    columns: {
      id: { type: 'int', nullable: false },
      title: { type: 'text', default: "'untitled'" },
      views: { type: 'bigint', nullable: false, default: '0' },
    },
  } as const

  test('applies inserts, updates, increments and deletes, and resolves `applied` when they are there', async () => {
    const bench = await openBench(name)
    await bench.table(notes)
    const buffer = bench.open()
    const front = bench.front(buffer, 'notes')
    const receipt = await front.insert({ id: 1, title: 'Oak' })
    expect(receipt.row).toEqual({ id: 1, title: 'Oak' })
    expect(receipt.ack).toBe('disk')
    await front.insert([{ id: 2 }, { id: 3, title: 'Elm' }, { id: 4 }])
    await front.where(1).increment('views')
    await front.where('1').increment('views', 4)
    await front.where({ id: 1n }).decrement('views', 2)
    await front.where(2).update({ title: 'Ash' })
    await front.where(2).update({ title: 'Fir', views: 7 })
    await front.where(2).increment('views')
    await front.where(4).delete()
    expect(await bench.rows('notes')).toEqual([])
    expect((await buffer.stats()).pending).toBe(11)
    await front.flush()
    await receipt.applied
    expect(
      (await bench.rows('notes')).map((row) => ({ ...row, views: Number(row['views']) })),
    ).toEqual([
      { id: 1, title: 'Oak', views: 3 },
      { id: 2, title: 'Fir', views: 8 },
      { id: 3, title: 'Elm', views: 0 },
    ])
    const stats = await buffer.stats()
    expect(stats).toMatchObject({ pending: 0, oldestAgeMs: 0, applied: 11, dead: 0 })
    expect(stats.connections['default']?.state).toBe('ready')
    expect(stats.coalesceRatio).toBeGreaterThan(1)
  })

  test('B2, B4: one bad row among 1,000 leaves 999 and one dead letter', async () => {
    const bench = await openBench(name)
    await bench.table({ ...notes, check: 'views >= 0' })
    const buffer = bench.open({ maxBatch: 2000 })
    const front = bench.front(buffer, 'notes')
    const receipts = await Promise.all(
      Array.from({ length: 1000 }, (_, id) => front.insert({ id, views: id === 456 ? -1 : 0 })),
    )
    await front.flush()
    expect(await bench.rows('notes')).toHaveLength(999)
    await expect(receipts[456]?.applied).rejects.toMatchObject({ code: 'MILLRACE_WRITE_REFUSED' })
    await receipts[455]?.applied
    const [letter, ...more] = await buffer.deadLetters()
    expect(more).toEqual([])
    expect(letter).toMatchObject({
      table: 'notes',
      kind: 'insert',
      key: undefined,
      values: { id: 456, views: -1 },
    })
    expect(bench.events).toEqual([expect.objectContaining({ type: 'dead-letter', id: letter?.id })])
    expect(await buffer.stats()).toMatchObject({ applied: 999, dead: 1, pending: 0 })
  })

  test('a dead letter is retried once its reason is gone, kept if it is not, and discarded on demand', async () => {
    const bench = await openBench(name)
    await bench.table({ ...notes, check: 'views >= 0' })
    const buffer = bench.open()
    const front = bench.front(buffer, 'notes')
    await bench.knex('notes').insert({ id: 1, title: 'taken', views: 0 })
    await front.insert([
      { id: 1, title: 'mine' },
      { id: 2, views: -5 },
    ])
    await buffer.flush()
    const [first, second] = await buffer.deadLetters()
    if (first === undefined || second === undefined) throw new Error('two letters expected')
    await expect(buffer.retryDeadLetter(first.id)).rejects.toMatchObject({
      code: 'MILLRACE_WRITE_REFUSED',
    })
    expect(await buffer.deadLetters()).toHaveLength(2)
    await bench.knex('notes').delete()
    await buffer.retryDeadLetter(first.id)
    expect(await bench.rows('notes')).toMatchObject([{ id: 1, title: 'mine' }])
    await buffer.discardDeadLetter(second.id)
    expect(await buffer.deadLetters()).toEqual([])
    const unknown = { code: 'MILLRACE_DEAD_LETTER_UNKNOWN' }
    await expect(buffer.retryDeadLetter(first.id)).rejects.toMatchObject(unknown)
    await expect(buffer.discardDeadLetter('nobody')).rejects.toMatchObject(unknown)
  })

  test('values arrive with their types', async () => {
    const bench = await openBench(name)
    const columns = {
      id: { type: 'int' },
      big: { type: 'bigint' },
      price: { type: 'decimal' },
      at: { type: 'time' },
      bytes: { type: 'blob' },
      data: { type: 'json' },
      ok: { type: 'bool' },
      ratio: { type: 'double' },
      nothing: { type: 'text' },
    } as const
    await bench.table({ name: 'direct', columns })
    await bench.table({ name: 'behind', columns })
    const row = {
      id: 1,
      big: 9007199254740993n,
      price: '12.30',
      at: new Date(1712345678901),
      bytes: Buffer.from([0, 255, 39]),
      ok: true,
      ratio: 0.1,
      nothing: null,
    }
    const data = { deep: [1, { two: 'three' }], at: null }
    const buffer = bench.open()
    const front = bench.front(buffer, 'behind')
    await front.insert({ ...row, data })
    await front.insert({ id: 2 })
    await front
      .where(2)
      .update({ ...Object.fromEntries(Object.entries(row).slice(1)), data: [1, 2] })
    row.bytes[0] = 9
    await buffer.flush()
    row.bytes[0] = 0
    await bench.knex('direct').insert({ ...row, data: JSON.stringify(data) })
    await bench.knex('direct').insert({ ...row, id: 2, data: '[1,2]' })
    const text = bench.knex.raw(
      name === 'mysql' ? 'cast(big as char) as big' : 'cast(big as text) as big',
    )
    const read = (table: string): Promise<unknown> =>
      bench.knex(table).select('*', text).orderBy('id')
    expect(await read('behind')).toEqual(await read('direct'))
  })

  test('20,000 queued rows are flushed', async () => {
    const bench = await openBench(name)
    await bench.table(notes)
    const buffer = bench.open({ flushIntervalMs: 5 })
    const front = bench.front(buffer, 'notes')
    const rows = Array.from({ length: 20_000 }, (_, id) => ({ id, title: `note ${String(id)}` }))
    for (let at = 0; at < rows.length; at += 50) void front.insert(rows.slice(at, at + 50))
    await buffer.flush()
    const counted = await bench.knex('notes').count({ n: '*' })
    expect(Number(counted[0]?.['n'])).toBe(20_000)
  })

  test('`onMissing` ignores, keeps as dead letter, or inserts', async () => {
    const bench = await openBench(name)
    await bench.table(notes)
    const buffer = bench.open()
    const front = bench.front(buffer, 'notes')
    await front.where(1).increment('views')
    await front.where(2).update({ title: 'Oak' }, { onMissing: 'insert' })
    await front.where(3).increment('views', 3, { onMissing: 'insert' })
    await front.where(3).increment('views', 3, { onMissing: 'insert' })
    const dead = await front.where(4).increment('views', 1, { onMissing: 'dead' })
    await buffer.flush()
    await expect(dead.applied).rejects.toMatchObject({ code: 'MILLRACE_WRITE_REFUSED' })
    expect((await bench.rows('notes')).map(({ id, views }) => [id, Number(views)])).toEqual([
      [2, 0],
      [3, 6],
    ])
  })

  test('a buffer that nobody writes to makes no tables; direct reads through `get` still work', async () => {
    const bench = await openBench(name)
    await bench.table(notes)
    await bench.knex('notes').insert({ id: 1, title: 'Oak', views: 3 })
    const buffer = bench.open()
    await buffer.open()
    expect(Number(await bench.front(buffer, 'notes').where(1).get('views'))).toBe(3)
    expect(await bench.front(buffer, 'notes').where(2).get('views')).toBeUndefined()
    await buffer.flush()
    expect(await buffer.deadLetters()).toEqual([])
    expect(await bench.knex.schema.hasTable('_millrace_ledger')).toBe(false)
    expect((await buffer.stats()).connections['default']?.state).toBe('unassigned')
  })
})

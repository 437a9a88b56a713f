import { expect, test } from 'vitest'
import { describeDatabases } from '../support/databases.ts'
import { until } from '../support/wait.ts'
import { openBench, SimulatedLoss } from './bench.fixture.ts'
import { JournalDisk } from './memory-journal.fixture.ts'

describeDatabases('exactly once', (name) => {
  const counters = {
    name: 'counters',
    columns: { id: { type: 'int' }, n: { type: 'int', nullable: false, default: '0' } },
    check: 'n < 1000',
  } as const
  const total = async (bench: Awaited<ReturnType<typeof openBench>>): Promise<number> =>
    (await bench.rows('counters')).reduce((sum, row) => sum + Number(row['n']), 0)

  test('B2: a COMMIT whose answer is lost is not applied a second time', async () => {
    const bench = await openBench(name)
    await bench.table(counters)
    await bench.knex('counters').insert([{ id: 1 }, { id: 2 }])
    const buffer = bench.open()
    const front = bench.front(buffer, 'counters')
    await front.where(1).increment('n')
    await buffer.flush()
    let lost = 0
    bench.target.around = async (run) => {
      const value = await run()
      if (lost++ === 0) throw new SimulatedLoss('no answer')
      return value
    }
    const [good, bad] = [await front.where(1).increment('n', 5), await front.insert({ id: 2 })]
    await front.where(2).increment('n', 7)
    await buffer.flush()
    expect(lost).toBe(1)
    expect(await total(bench)).toBe(13)
    await good.applied
    await expect(bad.applied).rejects.toMatchObject({ code: 'MILLRACE_WRITE_REFUSED' })
    expect(await buffer.deadLetters()).toHaveLength(1)
    expect(await buffer.stats()).toMatchObject({
      pending: 0,
      duplicatesSkipped: 3,
      applied: 3,
      dead: 1,
      retries: 1,
    })
  })

  test('B2: a flush that fails before COMMIT is tried again as the same batch, and `flush` tells when it gives up', async () => {
    const bench = await openBench(name)
    await bench.table(counters)
    await bench.knex('counters').insert({ id: 1 })
    const buffer = bench.open()
    const front = bench.front(buffer, 'counters')
    bench.target.around = () => Promise.reject(new SimulatedLoss('gone'))
    const receipt = await front.where(1).increment('n', 3)
    await expect(buffer.flush()).rejects.toMatchObject({ code: 'MILLRACE_FLUSH_FAILED' })
    const stats = await buffer.stats()
    expect(stats.pending).toBe(1)
    expect(stats.connections['default']).toMatchObject({ state: 'waiting', lastError: 'gone' })
    expect(
      bench.events.filter(({ type }) => type === 'flush-failed').length,
    ).toBeGreaterThanOrEqual(3)
    bench.target.around = (run) => run()
    await buffer.flush()
    await receipt.applied
    expect(await total(bench)).toBe(3)
    expect((await buffer.stats()).connections['default']?.state).toBe('ready')
  })

  test('what the journal holds is applied by the next life, once, also when the last one died between COMMIT and trim', async () => {
    const bench = await openBench(name)
    await bench.table(counters)
    await bench.knex('counters').insert({ id: 1 })
    const first = bench.open()
    for (let i = 0; i < 10; i++) await bench.front(first, 'counters').where(1).increment('n')
    await first.flush()
    for (let i = 0; i < 5; i++) await bench.front(first, 'counters').where(1).increment('n')
    // A copy of the disk before the flush: what a process leaves that dies after COMMIT.
    const [copy, untouched] = [new JournalDisk(), new JournalDisk()]
    for (const disk of [copy, untouched]) {
      for (const [lane, turns] of bench.disk.turns) disk.turns.set(lane, [...turns])
      for (const [lane, position] of bench.disk.checkpoints) disk.checkpoints.set(lane, position)
    }
    const second = bench.open({}, { disk: untouched })
    await second.open()
    await second.flush()
    expect(await total(bench)).toBe(15)
    expect(await second.stats()).toMatchObject({ applied: 5, duplicatesSkipped: 0 })

    const third = bench.open({}, { disk: copy })
    await third.open()
    await bench.front(third, 'counters').where(1).increment('n', 100)
    await third.flush()
    expect(await total(bench)).toBe(115)
    expect(await third.stats()).toMatchObject({ applied: 1, duplicatesSkipped: 5 })
  })

  test('of two flushers of one journal, the older is fenced', async () => {
    const bench = await openBench(name)
    await bench.table(counters)
    await bench.knex('counters').insert({ id: 1 })
    const older = bench.open()
    await bench.front(older, 'counters').where(1).increment('n')
    await older.flush()
    const newer = bench.open({}, { target: cloneTarget(bench) })
    await newer.open()
    const receipt = await bench.front(older, 'counters').where(1).increment('n', 10)
    await expect(older.flush()).rejects.toMatchObject({ code: 'MILLRACE_FENCED' })
    await expect(receipt.applied).rejects.toMatchObject({ code: 'MILLRACE_FENCED' })
    await expect(bench.front(older, 'counters').where(1).increment('n')).rejects.toMatchObject({
      code: 'MILLRACE_FENCED',
    })
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'fenced' }))
    expect(await total(bench)).toBe(1)
    expect((await older.stats()).connections['default']?.state).toBe('error')
  })

  test('a journal that misses what the ledger expects halts with both positions', async () => {
    const bench = await openBench(name)
    await bench.table(counters)
    await bench.knex('counters').insert({ id: 1 })
    const first = bench.open()
    for (let i = 0; i < 4; i++) await bench.front(first, 'counters').where(1).increment('n')
    await first.flush()
    // The database comes back from an older copy; the journal has forgotten what it takes for applied.
    await bench.knex('_millrace_ledger').update({ last_seq: 2 })
    const second = bench.open()
    await second.open()
    const failing = bench.front(second, 'counters').where(1).increment('n')
    await expect(failing).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_GAP',
      message: expect.stringMatching(/up to 2.*at 4/) as string,
    })
    expect(bench.events).toContainEqual(expect.objectContaining({ type: 'journal-gap' }))
    // And the other way round: the journal comes from an older copy than the database.
    await bench.knex('_millrace_ledger').update({ last_seq: 9 })
    const third = bench.open()
    await third.open()
    await expect(third.flush()).resolves.toBeUndefined()
    await expect(bench.front(third, 'counters').where(1).increment('n')).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_GAP',
    })
    expect(await total(bench)).toBe(4)
  })

  test('a journal of another database is refused on open', async () => {
    const bench = await openBench(name)
    const other = await openBench(name)
    for (const one of [bench, other]) await one.table(counters)
    const first = bench.open()
    await bench.front(first, 'counters').insert({ id: 1 })
    await first.close()
    const second = other.open({}, { disk: bench.disk })
    await expect(second.open()).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_FOREIGN' })
    expect(await other.rows('counters')).toEqual([])

    const unflushed = new JournalDisk('another')
    const third = bench.open({ drainTimeoutMs: 1 }, { disk: unflushed })
    bench.target.around = () => Promise.reject(new SimulatedLoss('gone'))
    await bench.front(third, 'counters').insert({ id: 2 })
    await third.close()
    const target = other.newTarget('there')
    const fourth = other.open({}, { disk: unflushed, target })
    await expect(fourth.open()).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_FOREIGN' })
  })

  test('opening does not wait for a database that is away; what waits is applied when it is back', async () => {
    const bench = await openBench(name)
    await bench.table(counters)
    const first = bench.open({ drainTimeoutMs: 1 })
    bench.target.around = () => Promise.reject(new SimulatedLoss('gone'))
    await bench.front(first, 'counters').insert({ id: 1 })
    await first.close()
    expect(bench.events).toContainEqual({
      type: 'drain-timeout',
      connection: 'default',
      pending: 1,
    })
    const second = bench.open({ flushIntervalMs: 1 })
    await second.open()
    expect((await second.stats()).connections['default']?.state).toBe('waiting')
    bench.target.around = (run) => run()
    await until(async () => (await second.stats()).pending === 0)
    expect(await bench.rows('counters')).toHaveLength(1)
  })

  test('two processes make the tables at once', async () => {
    const bench = await openBench(name)
    await bench.table(counters)
    const buffers = ['a', 'b', 'c'].map((source) =>
      bench.open({}, { disk: new JournalDisk(source) }),
    )
    await Promise.all(
      buffers.map(async (buffer, id) => {
        await bench.front(buffer, 'counters').insert({ id })
        await buffer.flush()
      }),
    )
    expect(await bench.rows('counters')).toHaveLength(3)
  })

  test('a constraint that is checked at COMMIT makes one dead letter', async () => {
    if (name === 'mysql') return
    const bench = await openBench(name)
    await bench.table(counters)
    await bench.knex.raw(
      'create table marks (id integer primary key, counter integer references counters (id) deferrable initially deferred)',
    )
    const described = {
      ...counters,
      name: 'marks',
      columns: { id: { type: 'int' }, counter: { type: 'int' } },
    } as const
    const { describeTable } = await import('./tables.fixture.ts')
    bench.target.catalog.set('marks', {
      ...describeTable(described, bench.target.dialect),
      references: ['counters'],
    })
    const buffer = bench.open()
    const marks = bench.front(buffer, 'marks')
    for (let id = 0; id < 20; id++) await marks.insert({ id, counter: id === 13 ? 99 : null })
    await buffer.flush()
    expect(await bench.rows('marks')).toHaveLength(19)
    expect((await buffer.deadLetters()).map(({ values }) => values['id'])).toEqual([13])
  })

  function cloneTarget(
    bench: Awaited<ReturnType<typeof openBench>>,
  ): ReturnType<typeof bench.newTarget> {
    const target = bench.newTarget()
    for (const [table, description] of bench.target.catalog) target.catalog.set(table, description)
    return target
  }
})

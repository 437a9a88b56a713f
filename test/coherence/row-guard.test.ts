import { describe, expect, test } from 'vitest'
import { begin, commit, control, fail, rollback, setUp } from './guard-rig.ts'
import { bound, image, writeOf } from './rows.ts'

/** `update a set ... where id = ?`: only the answer tells the row's foreign key. */
const byId = [
  writeOf({ table: 'a', columns: [image('id', [bound(0)]), image('fk', [], 0)] }),
] as const
const row = (id: number, fk: string): { bindings: unknown[]; answer: () => string[][] } => ({
  bindings: [id],
  answer: () => [[fk]],
})

describe('writes whose rows are known', () => {
  test('G2, G6: the mark covers what the write may touch, the touch what it did', async () => {
    const { run, log, invalidated } = setUp('postgres')
    await run(byId, undefined, row(7, '1'))
    expect(log).toEqual(['mark [a any fk? id=7]', 'send', 'settle [a any fk=1 id=7]'])
    expect(invalidated).toEqual(['value'])
  })

  test('without an answer the unknown column is touched as such', async () => {
    const { run, log, invalidated } = setUp('postgres')
    await run(byId, undefined, { bindings: [7] })
    expect(log.at(-1)).toBe('settle [a any fk? id=7]')
    expect(invalidated).toEqual(['column'])
  })

  test('a statement that was refused counts for all that it may have touched', async () => {
    const { run, log } = setUp('postgres')
    await expect(run(byId, fail('refused'), row(7, '1'))).rejects.toBe('refused')
    expect(log.at(-1)).toBe('settle [a any fk? id=7]')
  })

  test('G6: a transaction announces the rows that its statements did touch', async () => {
    const { run, log } = setUp('postgres')
    await run(begin)
    await run(byId, undefined, row(7, '1'))
    await run(byId, undefined, row(8, '2'))
    await run(commit)
    expect(log.slice(3)).toEqual([
      'mark [a any fk=1 fk=2 id=7 id=8]',
      'send',
      'settle [a any fk=1 fk=2 id=7 id=8]',
    ])
  })

  test('G4, G6: what was rolled back to a savepoint is not touched', async () => {
    const { run, log } = setUp('postgres')
    await run(begin)
    await run(byId, undefined, row(7, '1'))
    await run(control({ op: 'savepoint', name: 's' }))
    await run(byId, undefined, row(8, '2'))
    await run(control({ op: 'rollback-to', name: 's' }))
    await run(commit)
    expect(log.at(-1)).toBe('settle [a any fk=1 id=7]')
  })

  test('SQLite: what stands behind a pending T.c? needs no second mark before COMMIT', async () => {
    const { run, log } = setUp('sqlite')
    await run(begin)
    await run(byId, undefined, row(7, '1'))
    await run(byId, undefined, row(8, '2'))
    await run(commit)
    expect(log).toEqual([
      'send',
      'mark [a any fk? id=7]',
      'send',
      'mark [id=8]',
      'send',
      'send',
      'settle [a any fk=1 fk=2 id=7 id=8]',
      'settle [id=8]',
    ])
  })

  test('SQLite: ROLLBACK touches nothing, whatever came back', async () => {
    const { run, log } = setUp('sqlite')
    await run(begin)
    await run(byId, undefined, row(7, '1'))
    await run(rollback)
    expect(log.at(-1)).toBe('settle []')
  })

  test('G3: an unanswered write leaves its mark, which covers all that it may touch', async () => {
    const { run, log } = setUp('postgres')
    await expect(run(byId, fail('lost'), row(7, '1'))).rejects.toBe('lost')
    expect(log).toEqual(['mark [a any fk? id=7]', 'send', 'settle later'])
  })

  test('G1: after a schema change in the same transaction nothing is known of rows', async () => {
    const { run, log } = setUp('postgres')
    await run(begin)
    await run([{ ...byId[0], changesSchema: true, changes: [], writes: new Set() }])
    await run(byId, undefined, row(7, '1'))
    await run(commit)
    expect(log.find((line) => line.startsWith('mark'))).toContain('everything')
  })
})

import { describe, expect, test } from 'vitest'
import { TagSpace } from '../../src/coherence/tag-space.ts'
import { touchedSlots } from '../../src/coherence/touched-slots.ts'
import { Touched } from '../../src/coherence/touched.ts'
import { WritePlan } from '../../src/coherence/write-plan.ts'
import type { Slot } from '../../src/contract/authority.ts'
import type { Answer, RowChange } from '../../src/contract/rows.ts'
import { seeded } from '../support/seed.ts'
import { bound, image, statement, writeOf } from './rows.ts'

const tags = new TagSpace('db', 2 ** 20)
const names = ['id', 'user_id', 'parent_id']
/** Values with a canonical form, without one, and NULL. */
const values = [1, 2, '3', 'four', null]

describe('the plan of a plain write', () => {
  test('none for what is more than rows of known tables', () => {
    const plain = writeOf({ table: 'a', columns: [image('id', [bound(0)])] })
    expect(WritePlan.of([plain], tags)).toBeDefined()
    const others = [
      statement({}),
      { ...plain, writes: 'everything' as const },
      { ...plain, changesSchema: true },
      { ...plain, altersSession: true },
      { ...plain, commitsImplicitly: true },
      { ...plain, control: { op: 'begin' as const } },
    ]
    for (const other of others) expect(WritePlan.of([other], tags)).toBeUndefined()
    expect(WritePlan.of([plain, plain], tags)).toBeUndefined()
    expect(WritePlan.of([], tags)).toBeUndefined()
  })

  test('says what the long way says, of random writes', () => {
    const { int, pick } = seeded('plans of writes')
    for (let round = 0; round < 2000; round += 1) {
      const change = (table: string): RowChange => ({
        table,
        columns: names.map((name) => ({
          ...image(
            name,
            Array.from({ length: int(3) }, () => bound(int(4))),
            pick([undefined, undefined, 0, 1, 'unknown'] as const),
          ),
          nullIsUnknown: int(4) === 0,
        })),
      })
      const written = writeOf(...pick([['a'], ['a', 'b']]).map(change))
      const footprint = [
        { ...written, writes: new Set(pick([['a'], ['a', 'b'], ['a', 'b', 'c']])) },
      ]
      const bindings = [pick(values), pick(values), pick(values)]
      const answer: Answer | undefined = pick([undefined, [[pick(values)], [1, pick(values)]]])
      const short = WritePlan.of(footprint, tags)?.touch(bindings, answer)
      const long = new Touched().addStatement(footprint[0] ?? statement({}), bindings, answer)
      expect(withoutRows(short?.slots ?? [])).toEqual(withoutRows(touchedSlots(tags, long)))
      expect(short?.precision).toBe(long.precision)
    }
  })
})

/** `T?` and the `T.c?` of all key columns are the same: every filter consults both. */
function withoutRows(slots: readonly Slot[]): Slot[] {
  const all = new Set(slots)
  for (const name of ['a', 'b', 'c']) {
    const table = tags.table(name)
    const unknown = names.map((column) => table.column(column).unknown)
    if (all.has(table.unknownRows) || unknown.every((slot) => all.has(slot))) {
      for (const slot of [table.unknownRows, ...unknown]) all.add(slot)
    }
  }
  return [...all].sort((a, b) => a - b)
}

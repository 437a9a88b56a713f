import { expect, test } from 'vitest'
import { TagSpace } from '../../src/coherence/tag-space.ts'
import { TextPlans } from '../../src/coherence/text-plans.ts'
import { touchedSlots } from '../../src/coherence/touched-slots.ts'
import { Touched } from '../../src/coherence/touched.ts'
import type { Slot } from '../../src/contract/authority.ts'
import type { StatementFootprint } from '../../src/contract/footprint.ts'
import { seeded } from '../support/seed.ts'
import { bound, image, writeOf } from './rows.ts'

const tags = new TagSpace('db', 2 ** 20)
const names = ['id', 'user_id']
const tables = ['a', 'b']
const values = [1, 2, '3', 'four', null]

/** What a set of slots holds back: `T?` and all `T.c?` are the same, and `T.c?` stands for each `T.c=v`. */
function reach(slots: Iterable<Slot>): Slot[] {
  const all = new Set(slots)
  for (const name of tables) {
    const table = tags.table(name)
    const columns = names.map((column) => table.column(column))
    const unknown = columns.map((column) => column.unknown)
    if (all.has(table.unknownRows) || unknown.every((slot) => all.has(slot))) {
      for (const slot of [table.unknownRows, ...unknown]) all.add(slot)
    }
    for (const column of columns.filter((one) => all.has(one.unknown))) {
      for (const slot of [column.none, ...['1', '2', '3', '0'].map((form) => column.value(form))]) {
        all.delete(slot)
      }
    }
  }
  return [...all].sort((a, b) => a - b)
}

test('what several statements touch, and what of it lacks a mark, are what the long way says', () => {
  const { int, pick } = seeded('plans of texts')
  const plans = new TextPlans(tags)
  const written = (): StatementFootprint => {
    const table = pick(tables)
    const columns = names.map((name) =>
      image(
        name,
        Array.from({ length: int(3) }, () => bound(int(3))),
        pick([undefined, undefined, 0, 'unknown'] as const),
      ),
    )
    const write = writeOf({ table, columns })
    const odd = int(12)
    if (odd === 0) return { ...write, writes: 'everything' }
    if (odd === 1) return { ...write, changesSchema: true }
    return odd === 2 ? { ...write, commitsImplicitly: true } : write
  }
  const statements = Array.from({ length: 40 }, written)
  const seen = { nothing: 0, some: 0, planned: 0 }
  for (let round = 0; round < 4000; round += 1) {
    const some = (): Touched => {
      const touched = new Touched()
      for (let i = int(4); i > 0; i -= 1) {
        const answer = pick([undefined, [[pick(values)]], [[1, pick(values)]]])
        touched.addStatement(pick(statements), [pick(values), pick(values), pick(values)], answer)
      }
      return touched
    }
    const [touched, before] = [some(), some()]
    const marked = new Set(touchedSlots(tags, before))
    if (touched.notes !== undefined) seen.planned += 1
    const missing = plans.missing(touched, marked)
    const short = plans.touch(touched)
    const long = new Touched().add(touched)
    expect(reach(short.slots)).toEqual(reach(touchedSlots(tags, long)))
    if (short.slots.length > 0) expect(short.precision).toBe(long.precision)
    expect(reach([...missing, ...marked])).toEqual(
      reach([...touchedSlots(tags, long, marked), ...marked]),
    )
    for (const slot of missing) expect(marked.has(slot)).toBe(false)
    seen[missing.length === 0 ? 'nothing' : 'some'] += 1
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(200)
})

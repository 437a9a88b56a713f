import { expect, test } from 'vitest'
import { createNanoidColumns } from '../../src/database/nanoid-columns.ts'

function columns(declared: Record<string, Record<string, number>>) {
  let made = 0
  return createNanoidColumns({
    declared: new Map(
      Object.entries(declared).map(([table, sizes]) => [table, new Map(Object.entries(sizes))]),
    ),
    fold: (table) => table.toLowerCase(),
    newId: (size = 21) => `${String((made += 1))}:${String(size)}`,
  })
}

test('missing and undefined columns are filled, null and values stay', () => {
  const nanoid = columns({ tags: { id: 8, slug: 4 } })
  expect(nanoid.fill('tags', { label: 'x' })).toEqual({ label: 'x', id: '1:8', slug: '2:4' })
  expect(nanoid.fill('tags', { id: undefined, slug: null })).toEqual({ id: '3:8', slug: null })
  expect(nanoid.fill('tags', { id: '', slug: 0 })).toEqual({ id: '', slug: 0 })
})

test("the caller's objects are never changed", () => {
  const nanoid = columns({ tags: { id: 8 } })
  const row = Object.freeze({ label: 'x' })
  const rows = Object.freeze([row, Object.freeze({ id: 'mine', label: 'y' })])
  expect(nanoid.fill('tags', row)).toEqual({ label: 'x', id: '1:8' })
  expect(nanoid.fillAll('tags', rows)).toEqual([
    { label: 'x', id: '2:8' },
    { id: 'mine', label: 'y' },
  ])
  expect(row).toEqual({ label: 'x' })
})

test('nothing to fill: the same object comes back', () => {
  const nanoid = columns({ tags: { id: 8 } })
  const row = { id: 'mine' }
  const rows = [row]
  expect(nanoid.fill('tags', row)).toBe(row)
  expect(nanoid.fillAll('tags', rows)).toBe(rows)
  expect(nanoid.fill('posts', row)).toBe(row)
  expect(nanoid.columns('posts')).toBeUndefined()
})

test('tables are known by their folded bare name', () => {
  const nanoid = columns({ Tags: { id: 8 }, 'main.tags': { slug: 4 } })
  expect(nanoid.columns('shop.TAGS')).toEqual(
    new Map([
      ['id', 8],
      ['slug', 4],
    ]),
  )
})

import { expect, test } from 'vitest'
import { MarkPlaces } from '../../../src/stores/memory/mark-places.ts'
import { seeded } from '../../support/seed.ts'

test('finds what stands by its number and nothing else, whatever comes and goes', () => {
  const { int } = seeded('places of marks')
  const places = new MarkPlaces<{ readonly id: number }>()
  const standing = new Map<number, { readonly id: number }>()
  const ended: { readonly id: number }[] = []
  let most = 0
  for (let round = 0; round < 20_000; round += 1) {
    // More and more of them, then fewer: the array has to grow, and its numbers go round many times.
    const full = round < 5000 ? 300 : 5
    if (standing.size < full && int(3) > 0) {
      const thing = { id: places.nextId() }
      expect(standing.has(thing.id)).toBe(false)
      places.add(thing)
      standing.set(thing.id, thing)
    } else if (standing.size > 0) {
      const thing = [...standing.values()][int(standing.size)]
      if (thing === undefined) continue
      places.delete(thing)
      standing.delete(thing.id)
      ended.push(thing)
    }
    expect(places.size).toBe(standing.size)
    most = Math.max(most, places.size)
    const old = ended[int(ended.length)]
    if (old !== undefined) {
      places.delete(old)
      expect(places.get(old.id)).toBeUndefined()
    }
  }
  expect(most).toBe(300)
  for (const [id, thing] of standing) expect(places.get(id)).toBe(thing)
  expect(new Set(places.all())).toEqual(new Set(standing.values()))
  expect(places.get(0)).toBeUndefined()
})

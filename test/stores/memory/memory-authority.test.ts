import { expect, test } from 'vitest'
import { MemoryAuthority } from '../../../src/stores/memory/memory-authority.ts'
import { allOf, markOf } from '../../../src/testing/conformance/rig.ts'
import { FakeClock } from '../../../src/testing/fake-clock.ts'

const newAuthority = (slotCount: number): MemoryAuthority =>
  new MemoryAuthority({ clock: new FakeClock(), slotCount })

test('a settle that names a slot that does not exist changes nothing: the mark stands', () => {
  const authority = newAuthority(16)
  const mark = authority.mark(markOf([5])) as { id: number; watched: number }
  expect(() => authority.settle(mark, [6, 16])).toThrow(RangeError)
  expect(authority.standingMarks).toBe(1)
  expect(authority.clocks.pending(allOf(5))).toBe(true)
  expect(authority.lastTouch(6)).toBe(0)
  authority.settle(mark, [6])
  expect(authority.clocks.pending(allOf(5))).toBe(false)
  expect([authority.lastTouch(5), authority.lastTouch(6)]).toEqual([0, 1])
})

test('a mark that names a slot that does not exist never stands, nor waits for room', () => {
  const authority = newAuthority(16)
  for (let i = 0; i < 1023; i++) void authority.mark(markOf([5]))
  expect(() => authority.mark(markOf([5, 16]))).toThrow(RangeError)
  expect(() => authority.mark(markOf([16, 6]))).toThrow(RangeError)
  expect(authority.clocks.pending(allOf(6))).toBe(false)
})

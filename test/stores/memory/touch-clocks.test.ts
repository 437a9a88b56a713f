import { expect, test } from 'vitest'
import type { Program } from '../../../src/contract/program.ts'
import { TouchClocks } from '../../../src/stores/memory/touch-clocks.ts'
import { seeded } from '../../support/seed.ts'
import type { Seeded } from '../../support/seed.ts'

const slotCount = 8

/** A program of any shape, empty groups and slots that do not exist included. */
function draw(random: Seeded, depth: number): Program {
  const some = (count: number): number[] => Array.from({ length: random.int(count) }, (_, i) => i)
  return {
    all: some(3).map(() => (random.int(40) === 0 ? slotCount : random.int(slotCount))),
    any: depth === 0 ? [] : some(3).map(() => some(4).map(() => draw(random, depth - 1))),
  }
}

/** The design's formula: a maximum of slots and groups, a group the minimum of its alternatives. */
function newest({ all, any }: Program, clock: (slot: number) => number): number {
  const groups = any.map((group) => Math.min(...group.map((each) => newest(each, clock))))
  return Math.max(0, ...all.map(clock), ...groups)
}

test('programs are judged as the formula says, whatever is touched, marked and lifted', () => {
  const random = seeded('programs against the formula')
  const clocks = new TouchClocks(slotCount)
  const touches = new Array<number>(slotCount).fill(0)
  const marks: number[] = new Array<number>(slotCount).fill(0)
  const seen = { holds: 0, overtaken: 0, pending: 0, dead: 0 }
  for (let round = 0; round < 20_000; round++) {
    const slot = random.int(slotCount)
    const act = random.int(4)
    if (act === 0) {
      clocks.touch([slot, slot])
      touches[slot] = clocks.seq
    } else if (act === 1 && (marks[slot] ?? 0) < 3) {
      clocks.raise([slot])
      marks[slot] = (marks[slot] ?? 0) + 1
    } else if ((marks[slot] ?? 0) > 0) {
      clocks.lower([slot])
      marks[slot] = (marks[slot] ?? 0) - 1
    }
    const touched = (of: number): number => touches[of] ?? Infinity
    const now = (of: number): number => ((marks[of] ?? 0) > 0 ? Infinity : touched(of))
    const program = draw(random, 2)
    const stamp = Math.max(0, clocks.seq - random.int(12))
    const holds = newest(program, now) <= stamp
    const dead = newest(program, touched) > stamp
    const pending = newest(program, now) === Infinity
    expect(clocks.holds(program, stamp)).toBe(holds)
    expect(clocks.touchedSince(program, stamp)).toBe(dead)
    expect(clocks.pending(program)).toBe(pending)
    expect(clocks.lastTouchOf(program.all)).toBe(Math.max(0, ...program.all.map(touched)))
    seen[holds ? 'holds' : 'overtaken']++
    if (dead) seen.dead++
    if (pending) seen.pending++
  }
  console.log(JSON.stringify(seen))
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(500)
})

test('a program without slots always holds', () => {
  const clocks = new TouchClocks(slotCount)
  clocks.raise([0])
  const nothing = { all: [], any: [] }
  expect(clocks.holds(nothing, 0)).toBe(true)
  expect(clocks.pending(nothing)).toBe(false)
  expect(clocks.touchedSince(nothing, 0)).toBe(false)
})

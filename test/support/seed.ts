import { randomInt } from 'node:crypto'

/** A repeatable source of randomness. */
export interface Seeded {
  /** What replays it: `MILLRACE_SEED=<seed>`. */
  readonly seed: number
  /** A number from 0 up to, not including, 1. */
  random(): number
  /** A whole number from 0 up to, not including, `n`. */
  int(n: number): number
  /** One of the list, which must not be empty. */
  pick<T>(list: readonly T[]): T
}

/**
 * Randomness for one test. Prints its seed; `MILLRACE_SEED` replays it. The test's name is mixed
 * in, so that two tests of one run do not see the same numbers.
 */
export function seeded(testName: string): Seeded {
  const given = process.env['MILLRACE_SEED']
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given)
  if (!Number.isSafeInteger(seed))
    throw new Error(`MILLRACE_SEED is no whole number: ${given ?? ''}`)
  console.log(`${testName}: replay with MILLRACE_SEED=${String(seed)}`)
  const random = mulberry32(fnv1a(`${String(seed)}:${testName}`))
  const int = (n: number): number => Math.floor(random() * n)
  return {
    seed,
    random,
    int,
    pick: <T>(list: readonly T[]): T => {
      if (list.length === 0) throw new Error('pick() from an empty list')
      return list[int(list.length)] as T
    },
  }
}

/** FNV-1a, 32 bit: spreads seed and name over the generator's start. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return hash >>> 0
}

/** Tommy Ettinger's Mulberry32: 32 bits of state are plenty for a test. */
function mulberry32(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

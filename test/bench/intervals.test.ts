import { expect, test } from 'vitest'
import { goalsBlock, isReached, type Goal } from '../../bench/goal.ts'
import { compare, ratioOf, type Life } from '../../bench/process-rounds.ts'
import { batchedSlice, concurrentSlices } from '../../bench/slice.ts'

const slice = (p50: number): { calls: number; mean: number; p50: number; p99: number } => ({
  calls: 1,
  mean: p50 * 2,
  p50,
  p99: p50 * 3,
})

test('contenders are compared within rounds, not by their medians', () => {
  // The machine was ten times as slow in the second round: the ratio of each round is 2 all the same.
  const life: Life = {
    slices: new Map([
      [
        'hit',
        [
          [slice(100), slice(1000)],
          [slice(200), slice(2000)],
        ],
      ],
    ]),
    findings: [],
  }
  expect(ratioOf([life], 'hit', 1, 0)).toEqual({ median: 2, low: 2, high: 2 })
  expect(compare([life], 'hit', 0)[1]).toMatchObject({ calls: 2, p50us: 1.1, p99us: 3.3 })
})

test('a goal is reached on the right side of its limit only', () => {
  const goal = (bound: Goal['bound'], median: number): Goal => ({
    ...{ title: 'speed', limit: 5, bound },
    measured: { median, low: 4, high: 6 },
  })
  expect([4.9, 5, 5.1].map((median) => isReached(goal('at least', median)))).toEqual([
    false,
    true,
    true,
  ])
  expect([4.9, 5, 5.1].map((median) => isReached(goal('at most', median)))).toEqual([
    true,
    true,
    false,
  ])
  expect(goalsBlock([goal('at least', 4.9)])).toMatch(/NOT REACHED.*within the interval/)
})

test('a slice shows every answer, counts every call and fails where an answer is wrong', async () => {
  let asked = 0
  let seen = 0
  const run = (): Promise<number> => Promise.resolve(++asked)
  const { calls, p50, p99 } = await batchedSlice(run, 5, () => (seen += 1))
  expect(calls).toBe(asked)
  expect(seen).toBe(asked)
  expect(p50).toBeGreaterThan(0)
  expect(p99).toBeGreaterThan(0)
  const refuse = (): never => {
    throw new Error('wrong')
  }
  await expect(batchedSlice(run, 5, refuse)).rejects.toThrow('wrong')
})

test('callers at once are as many as were asked for', async () => {
  let [now, most] = [0, 0]
  const run = async (): Promise<void> => {
    now += 1
    most = Math.max(most, now)
    await new Promise((resolve) => setImmediate(resolve))
    now -= 1
  }
  await concurrentSlices(8)(run, 5)
  expect(most).toBe(8)
})

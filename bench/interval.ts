/** A figure with the interval that holds it with a confidence of 95 %. */
export interface Estimate {
  readonly median: number
  readonly low: number
  readonly high: number
}

const resamples = 2000

/**
 * The median of figures that were taken in groups (one per life of the processes that were measured), and its bootstrap interval: groups
 * are drawn first and figures within them second, because figures of one life have that life's luck in common.
 */
export function estimate(
  groups: readonly (readonly number[])[],
  random: () => number = Math.random,
): Estimate {
  const filled = groups.filter((group) => group.length > 0)
  const medians: number[] = []
  for (let i = 0; i < resamples && filled.length > 0; i++) {
    const drawn: number[] = []
    for (let turn = 0; turn < filled.length; turn++) {
      const group = pick(filled, random)
      for (let j = 0; j < group.length; j++) drawn.push(pick(group, random))
    }
    medians.push(medianOf(drawn))
  }
  medians.sort((a, b) => a - b)
  return {
    median: medianOf(filled.flat()),
    low: medians[Math.floor(resamples * 0.025)] ?? NaN,
    high: medians[Math.floor(resamples * 0.975)] ?? NaN,
  }
}

/** The middle one, or the mean of the two in the middle. */
export function medianOf(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b)
  const half = sorted.length >> 1
  const upper = sorted[half] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? NaN) + upper) / 2
}

/** Changes the order of a list in place, so that none has its place by habit. */
export function shuffle<T>(list: T[], random: () => number = Math.random): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const [a, b] = [list[i] as T, list[j] as T]
    list[i] = b
    list[j] = a
  }
  return list
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)] as T
}

/** Where values stand on an axis, from 0 at its begin to 1 at its end. */
export interface Scale {
  /** The values that are written beside the axis. */
  readonly ticks: readonly number[]
  at(value: number): number
}

/** Equal steps, from zero to a round figure that is not below any value. */
export function linearScale(values: readonly number[], end?: number): Scale {
  const largest = end ?? Math.max(...values, 0)
  const step = roundStep(largest / 5)
  const last = end ?? Math.max(step, Math.ceil(largest / step - 1e-9) * step)
  const ticks = Array.from({ length: Math.round(last / step) + 1 }, (_, place) => place * step)
  return { ticks, at: (value) => value / last }
}

/** Equal factors, from the smallest value or a round figure below it to one that is not below any value. */
export function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0)
  const smallest = Math.min(...positive)
  const largest = Math.max(...positive)
  // Few decades have room for what lies between powers of ten.
  const steps = largest / smallest > 100 ? [1] : [1, 2, 5]
  const candidates: number[] = []
  for (
    let power = Math.floor(Math.log10(smallest));
    power <= Math.ceil(Math.log10(largest));
    power++
  ) {
    for (const step of steps) candidates.push(Number((step * 10 ** power).toPrecision(3)))
  }
  const first = candidates.findLast((tick) => tick <= smallest) ?? smallest
  const last = candidates.find((tick) => tick >= largest && tick > first) ?? largest
  return {
    ticks: candidates.filter((tick) => tick >= first && tick <= last),
    at: (value) => Math.log(value / first) / Math.log(last / first),
  }
}

/** Equal factors with a tick at each value and nothing beyond them; a little room at both ends. */
export function stopsScale(values: readonly number[]): Scale {
  const ticks = [...new Set(values)].sort((a, b) => a - b)
  const [first = 1, last = 10] = [ticks[0], ticks.at(-1)]
  const inset = 0.05
  return {
    ticks,
    at: (value) =>
      first === last
        ? 0.5
        : inset + (1 - 2 * inset) * (Math.log(value / first) / Math.log(last / first)),
  }
}

/** The round figure (1, 2 or 5 with zeros) that is nearest above. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5, 10].find((step) => step * power >= rough * 0.999) ?? 10) * power
}

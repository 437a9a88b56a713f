/** A number that only grows, such as a row's version, by the name that reads and writes know it by. */
export type Counts = readonly (readonly [counter: string, n: number])[]

/** A write: what it added to which counters, when it was begun and when it was acknowledged; `undefined` if it was not. */
export interface WriteEvent {
  readonly begun: number
  readonly acknowledged: number | undefined
  readonly adds: Counts
}

/** A read: the counters that it showed, and when it was begun and finished. */
export interface ReadEvent {
  readonly shape: string
  readonly begun: number
  readonly finished: number
  readonly seen: Counts
}

/** What happened, in one process or in several: the clock is the machine's. */
export interface History {
  readonly reads: ReadEvent[]
  readonly writes: WriteEvent[]
}

/** A read that broke a promise. */
export interface Offence {
  readonly promise: 'G1' | 'G2' | 'G4'
  readonly shape: string
  readonly counter: string
  readonly seen: number
  readonly bound: number
}

/** Nanoseconds of the machine's monotonic clock, the same in every process of it (CLOCK_MONOTONIC). */
export function machineTime(): number {
  return Number(process.hrtime.bigint())
}

/**
 * Judges every read by what the others did:
 * - G1: it shows at least what was acknowledged before it began
 * - G2: and at least what a read showed that had finished before it began
 * - G4: and at most what had begun when it finished
 */
export function judge(history: History): Offence[] {
  const acknowledged = new Timeline()
  const begun = new Timeline()
  const shown = new Timeline()
  for (const write of history.writes) {
    for (const [counter, n] of write.adds) {
      begun.add(counter, write.begun, n)
      if (write.acknowledged !== undefined) acknowledged.add(counter, write.acknowledged, n)
    }
  }
  for (const read of history.reads) {
    for (const [counter, value] of read.seen) shown.add(counter, read.finished, value)
  }
  acknowledged.seal((total, n) => total + n)
  begun.seal((total, n) => total + n)
  shown.seal((most, value) => Math.max(most, value))
  const offences: Offence[] = []
  for (const { shape, begun: start, finished, seen } of history.reads) {
    for (const [counter, value] of seen) {
      const least = acknowledged.before(counter, start)
      const before = shown.before(counter, start)
      const most = begun.before(counter, finished)
      const offence = { shape, counter, seen: value }
      if (value < least) offences.push({ promise: 'G1', bound: least, ...offence })
      else if (value < before) offences.push({ promise: 'G2', bound: before, ...offence })
      if (value > most) offences.push({ promise: 'G4', bound: most, ...offence })
    }
  }
  return offences
}

interface Point {
  readonly at: number
  value: number
}

/** For each counter, a value over time. */
class Timeline {
  readonly #points = new Map<string, Point[]>()

  add(counter: string, at: number, value: number): void {
    const points = this.#points.get(counter)
    if (points === undefined) this.#points.set(counter, [{ at, value }])
    else points.push({ at, value })
  }

  /** Puts the points in order, each with what came of all until then. */
  seal(combine: (soFar: number, value: number) => number): void {
    for (const points of this.#points.values()) {
      points.sort((a, b) => a.at - b.at)
      let soFar = 0
      for (const point of points) soFar = point.value = combine(soFar, point.value)
    }
  }

  /** The value of the last point strictly before a time; 0 if there is none. */
  before(counter: string, time: number): number {
    const points = this.#points.get(counter) ?? []
    let low = 0
    let high = points.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((points[middle]?.at ?? Infinity) < time) low = middle + 1
      else high = middle
    }
    return points[low - 1]?.value ?? 0
  }
}

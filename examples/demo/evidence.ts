/** A direct update was acknowledged: from `at` on, every read has to see this version. */
export interface Acknowledgement {
  readonly city: number
  readonly version: number
  readonly at: number
}

/** A read returned a version of a city. */
export interface Sighting {
  readonly city: number
  readonly version: number
  readonly begunAt: number
  readonly endedAt: number
}

/** What one worker saw in a round of traffic. */
export interface Evidence {
  readonly acknowledgements: Acknowledgement[]
  readonly sightings: Sighting[]
}

/**
 * Nanoseconds on a clock that all processes of this machine share: `process.hrtime` is the system's monotonic clock, which starts with the
 * machine, not with the process, and which nobody sets. So a moment in one worker can be compared with a moment in another. Rounding to a
 * double never turns the order of two moments around.
 */
export function moment(): number {
  return Number(process.hrtime.bigint())
}

/**
 * Counts the reads that break the promise. A read is stale if, before it was begun, a newer version had been acknowledged to its writer
 * (G1) or had been returned by a read that was over (G2).
 *
 * This is sound: a moment "after" is taken when the promise has resolved and a moment "before" ahead of the call, so a read that merely
 * overlaps with an update is never counted. And it needs no word between the workers at the time, which could hide a stale read by
 * delaying it: each keeps its own notes, and they are compared when all is over.
 */
export function countStaleReads(evidence: readonly Evidence[]): number {
  let stale = 0
  for (const events of eventsByCity(evidence).values()) {
    events.sort((a, b) => a.at - b.at || Number(a.isKnown) - Number(b.isKnown))
    let known = 0
    for (const { isKnown, version } of events) {
      if (isKnown) known = Math.max(known, version)
      else if (version < known) stale += 1
    }
  }
  return stale
}

/** At `at`, a version was known to have been reached, or a read began that returned it. */
interface Event {
  readonly at: number
  readonly version: number
  readonly isKnown: boolean
}

function eventsByCity(evidence: readonly Evidence[]): Map<number, Event[]> {
  const byCity = new Map<number, Event[]>()
  const add = (city: number, ...events: Event[]): void => {
    const list = byCity.get(city)
    if (list === undefined) byCity.set(city, events)
    else list.push(...events)
  }
  for (const { acknowledgements, sightings } of evidence) {
    for (const { city, version, at } of acknowledgements) add(city, { at, version, isKnown: true })
    for (const { city, version, begunAt, endedAt } of sightings) {
      add(city, { at: begunAt, version, isKnown: false }, { at: endedAt, version, isKnown: true })
    }
  }
  return byCity
}

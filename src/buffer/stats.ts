import type { BufferCounts, BufferStats, LaneState, LaneStats } from '../contract/buffer-port.ts'

/** Counters of one connection, since this process opened its buffer. */
export class LaneCounters {
  /** Writes that the database committed, refused ones not among them. */
  applied = 0
  /** Row changes sent for them. */
  rowsSent = 0
  retries = 0
  duplicatesSkipped = 0
  dead = 0
  lastError: string | undefined
}

/** What a connection's figures are read from. */
export interface LaneReading {
  readonly state: LaneState
  readonly pending: number
  readonly oldestAgeMs: number
  readonly counters: LaneCounters
}

/** The figures of every connection, and of all together. */
export function summarize(readings: ReadonlyMap<string, LaneReading>): BufferStats {
  const connections: Record<string, LaneStats> = {}
  for (const [name, reading] of readings) {
    connections[name] = {
      ...counts([reading]),
      state: reading.state,
      lastError: reading.counters.lastError,
    }
  }
  return { ...counts([...readings.values()]), connections }
}

function counts(readings: readonly LaneReading[]): BufferCounts {
  const sum = (of: (reading: LaneReading) => number): number =>
    readings.reduce((total, reading) => total + of(reading), 0)
  const applied = sum(({ counters }) => counters.applied)
  const rowsSent = sum(({ counters }) => counters.rowsSent)
  return {
    pending: sum(({ pending }) => pending),
    oldestAgeMs: Math.max(0, ...readings.map(({ oldestAgeMs }) => oldestAgeMs)),
    coalesceRatio: rowsSent === 0 ? 1 : applied / rowsSent,
    applied,
    retries: sum(({ counters }) => counters.retries),
    duplicatesSkipped: sum(({ counters }) => counters.duplicatesSkipped),
    dead: sum(({ counters }) => counters.dead),
  }
}

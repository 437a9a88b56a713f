import type { DemoDatabase } from './open-database.ts'
import type { Tally } from './tally.ts'

/** How many of what was acknowledged the database holds, and how many rows differ from it. */
export interface Match {
  readonly acknowledged: number
  readonly inDatabase: number
  readonly different: number
}

/** What was acknowledged, held against the tables. */
export interface Proof {
  readonly views: Match
  readonly visits: Match
  readonly versions: Match
}

/** Compares row by row, not only sums: a lost write and a doubled one would cancel out. */
export async function prove(DB: DemoDatabase, tally: Tally): Promise<Proof> {
  return {
    views: await matchColumn(DB, 'views', tally.views),
    versions: await matchColumn(DB, 'version', tally.versions),
    visits: await matchVisits(DB, tally.visits),
  }
}

async function matchColumn(
  DB: DemoDatabase,
  column: 'views' | 'version',
  expected: Readonly<Record<string, number>>,
): Promise<Match> {
  const rows = await DB.cities.where(column, '>', 0).select('id', column)
  const stored = new Map(rows.map((row) => [String(row.id), row[column]]))
  const cities = new Set([...stored.keys(), ...Object.keys(expected)])
  return {
    acknowledged: sum(Object.values(expected)),
    inDatabase: sum([...stored.values()]),
    different: [...cities].filter((id) => (stored.get(id) ?? 0) !== (expected[id] ?? 0)).length,
  }
}

async function matchVisits(DB: DemoDatabase, acknowledged: readonly string[]): Promise<Match> {
  const expected = new Set(acknowledged)
  const stored = new Set(await DB.visits.pluck('id'))
  return {
    acknowledged: acknowledged.length,
    inDatabase: stored.size,
    different: missing(expected, stored) + missing(stored, expected),
  }
}

function missing(from: ReadonlySet<string>, all: ReadonlySet<string>): number {
  return [...from].filter((id) => !all.has(id)).length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

import { expect, inject, test } from 'vitest'
import { hasDatabase } from '../support/databases.ts'
import { MissedError } from './fuzz/episode.ts'
import { faults, withFault } from './fuzz/faults.ts'
import { openEngine, runEpisodes } from './fuzz/run.ts'
import type { RunOptions } from './fuzz/run.ts'

/** Where each fault is found at once; others follow if the episodes have become different ones. */
const known: Readonly<Record<string, number>> = {
  'OR needs both sides': 13,
  'IN needs its first value': 18,
  'outer joins are inner ones': 8,
  'NOT is nothing': 8,
  'OR is AND': 10,
  'HAVING restricts': 0,
  'only the first part of a union is read': 5,
  'subqueries are not read': 4,
  'letters have their case': 11,
  'blanks at the end count': 11,
  'a text is no number': 11,
  'every value has a form': 26,
  'old values do not matter': 20,
  'what is known is all': 9,
  'what the database tells is not asked': 12,
  'a default is NULL': 50,
  'NULL is no value': 25,
  'only named tables are written': 11,
  'unknown rows are none': 7,
}

test.skipIf(!hasDatabase('sqlite')).each(Object.entries(faults))(
  'a fault is found: %s',
  async (name, fault) => {
    const engine = await openEngine('sqlite', `${inject('millraceRun')}_faults`)
    try {
      const options: RunOptions = {
        dialect: 'sqlite',
        seed: 7,
        first: known[name] ?? 0,
        episodes: 150,
      }
      await expect(withFault(fault, () => runEpisodes(engine, options))).rejects.toThrow(
        MissedError,
      )
    } finally {
      await engine.close()
    }
  },
  180_000,
)

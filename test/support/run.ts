import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Services } from './services.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The name of this run, see {@link newRunName}. */
    millraceRun: string
    /** What answered when the run began. */
    millraceServices: Services
  }
}

/** Every database and directory of the tests begins with this. */
const prefix = 'millrace_test_'

/** A dead run's leftovers are removed after this time; a live process is then still left alone. */
const leftoverAgeMs = 3_600_000
/** After this time they are removed whatever process has the number now. */
const abandonedAgeMs = 24 * leftoverAgeMs

/**
 * The name of a run: `millrace_test_<time>_<pid>_<random>`, so that a later run can tell from the
 * name alone how old a leftover is and who made it. What the run creates appends `_<number>`.
 */
export function newRunName(): string {
  const time = Date.now().toString(36)
  return `${prefix}${time}_${String(process.pid)}_${randomBytes(3).toString('hex')}`
}

/** Whether `name` is something a run left behind that is over for an hour or more. */
export function isLeftover(name: string): boolean {
  const parts = /^millrace_test_([0-9a-z]+)_(\d+)_[0-9a-f]{6}(_|$)/.exec(name)
  if (parts === null) return false
  const ageMs = Date.now() - Number.parseInt(parts[1] ?? '', 36)
  return ageMs > abandonedAgeMs || (ageMs > leftoverAgeMs && !isAlive(Number(parts[2])))
}

/** Taken before a test file gets a temporary directory of its own. */
const temporary = tmpdir()

/** The directory in which a run keeps its SQLite files and other temporary things. */
export function runDirectory(run: string): string {
  return join(temporary, run)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

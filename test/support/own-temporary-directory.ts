import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { runDirectory } from './run.ts'

/**
 * Each test file and the processes that it starts have a temporary directory of their own: a process that one test kills leaves
 * markers there, and the Millraces of other tests on the same server must not wait because of them.
 */
const directory = join(runDirectory(inject('millraceRun')), `tmp-${String(process.pid)}`)
mkdirSync(directory, { recursive: true })
process.env['TMPDIR'] = directory

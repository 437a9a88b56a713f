import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const repositoryRoot: string = fileURLToPath(new URL('../../', import.meta.url))

/**
 * The compiled form of a program that a test forks, named by its source under `test/`:
 * `fork(fixturePath('crash/writer.ts'))`. Node 20 runs no TypeScript, therefore each test run first
 * compiles `src/` and `test/` to `.build/` (only what changed); fixtures import from there.
 */
export function fixturePath(source: string): string {
  const path = `${repositoryRoot}.build/test/${source.replace(/\.ts$/, '.js')}`
  if (!existsSync(path)) throw new Error(`There is no compiled fixture for test/${source}: ${path}`)
  return path
}

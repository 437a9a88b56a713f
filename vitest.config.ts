import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'
import { TallyReporter } from './test/support/tally-reporter.ts'

/** Where the counts of the run are kept, if anybody asks for them. */
const tallyPath = process.env['MILLRACE_TALLY']

export default defineConfig({
  resolve: {
    // Tests and examples that import the package by its name get the sources, not dist/.
    alias: [
      { find: /^millrace$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**', '.build/**'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/own-temporary-directory.ts'],
    reporters: tallyPath === undefined ? ['default'] : ['default', new TallyReporter(tallyPath)],
    // Processes, because tests fork workers, send signals and load native addons.
    pool: 'forks',
    // One for each two cores, because the servers and what tests fork want the others. More than
    // three could together open more connections than a server allows by default.
    maxWorkers: Math.min(Math.max(Math.floor(availableParallelism() / 2), 2), 3),
    sequence: { sequencer: LongestFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 30_000,
    typecheck: {
      include: ['test/**/*.test-d.ts'],
      tsconfig: 'tsconfig.check.json',
      // Other files' errors belong to `npm run check:types`.
      ignoreSourceErrors: true,
    },
  },
})

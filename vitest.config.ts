import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

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
    // Processes, because tests fork workers, send signals and load native addons.
    pool: 'forks',
    maxWorkers: 2,
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

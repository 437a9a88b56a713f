import cluster from 'node:cluster'
import { mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes the directory that everything lives in. It is removed when the process ends, be it by an error or by Ctrl-C. */
export function openWorkspace(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-demo-'))
  process.once('exit', () => {
    // Nobody may write into it any more. At the regular end there are no workers left.
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
  return directory
}

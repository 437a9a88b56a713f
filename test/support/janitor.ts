/**
 * Removes what a test run created, when that run ends in whatever way: vitest skips its own
 * teardown on a signal. A process of its own, in a process group of its own; its standard input is
 * a pipe that closes with the run. Arguments: the run's name, then the servers on which it has
 * databases to remove; those of servers that the run started itself go with their directories.
 */
import type { ServerName } from './database-admin.ts'
import { sweep } from './sweep.ts'

const [run = 'no run', ...servers] = process.argv.slice(2)

process.stdin.resume()
process.stdin.once('close', () => {
  void sweep(servers as ServerName[], (name) => name === run || name.startsWith(`${run}_`))
})

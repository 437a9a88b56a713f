import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'

/** A process and everything it started that still lives, parents first. Linux only (`/proc`). */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = statusOf(Number(entry))?.parent
    if (parent === undefined) continue
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  const tree = [pid]
  // The array grows while it is walked.
  for (const member of tree) tree.push(...(children.get(member) ?? []))
  return tree
}

/** Send a signal to processes; those that are gone are passed over. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

/** Whether a process runs or is stopped; one that has ended and was not waited for does not count. */
export function isRunning(pid: number): boolean {
  const state = statusOf(pid)?.state
  return state !== undefined && state !== 'Z' && state !== 'X'
}

/** Whether a process is stopped by SIGSTOP. */
export function isStopped(pid: number): boolean {
  return statusOf(pid)?.state === 'T'
}

/**
 * Kill `pid` when this process ends, however it ends: a shell waits on a pipe that closes with us.
 * Call the answer when the process has been stopped in another way.
 */
export function guard(pid: number): () => void {
  const script = 'read -r line; [ "$line" = off ] || kill -9 "$1"'
  const shell: ChildProcess = spawn('sh', ['-c', script, 'guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  const { stdin } = shell
  if (stdin instanceof Socket) stdin.unref()
  return () => {
    stdin?.end('off\n')
  }
}

interface ProcessStatus {
  readonly state: string
  readonly parent: number
}

function statusOf(pid: number): ProcessStatus | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
    // The name before the state stands in brackets and may itself hold spaces and brackets.
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

import { readFileSync, readlinkSync } from 'node:fs'

/** A process, so that a later one with its number is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number
  /** When it began, in the kernel's ticks since boot; `undefined` where the system has no `/proc`. */
  readonly start: string | undefined
  /** Which run of the machine it belongs to. */
  readonly boot: string | undefined
  /** In which of the machine's pid namespaces (containers) its number counts. */
  readonly namespace: string | undefined
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  return processOf(process.pid)
}

/** The process that has a number now, in this machine and pid namespace. */
export function processOf(pid: number): ProcessIdentity {
  return { pid, start: statOf(pid)?.start, boot: bootId(), namespace: namespace() }
}

/** Whether two records tell of one process. */
export function isSame(one: ProcessIdentity, other: ProcessIdentity): boolean {
  return (
    one.pid === other.pid &&
    one.start === other.start &&
    one.boot === other.boot &&
    one.namespace === other.namespace
  )
}

/**
 * Whether a process lives, as far as this one can see. A process of another run of the machine is dead; one in another pid
 * namespace cannot be seen and counts as dead too. Without `/proc` only its number is looked at.
 */
export function isAlive(other: ProcessIdentity): boolean {
  if (other.boot !== bootId() || other.namespace !== namespace()) return false
  if (!answers(other.pid)) return false
  if (other.start === undefined) return true
  const stat = statOf(other.pid)
  // A zombie has its number until its parent looks, and does nothing any more.
  return stat !== undefined && stat.start === other.start && !/[ZX]/.test(stat.state)
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function statOf(pid: number): { state: string; start: string } | undefined {
  const text = quietly(() => readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))
  if (text === undefined) return undefined
  // The second field is the program's name in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', start: fields[19] ?? '' }
}

function bootId(): string | undefined {
  return quietly(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
}

function namespace(): string | undefined {
  return quietly(() => readlinkSync('/proc/self/ns/pid'))
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

import { randomBytes } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MillraceError } from '../../base/errors.ts'
import type { Journal } from '../../contract/journal.ts'
import { faultInFile } from './file-check.ts'
import { readFrame, writeFrame } from './frame.ts'
import { locked, tooNew, unreadable, unwritable } from './journal-fault.ts'
import { headerKey, laneNames } from './journal-keys.ts'
import type { JournalFile } from './journal-keys.ts'
import { openLane } from './lane-state.ts'
import { LmdbJournal } from './lmdb-journal.ts'
import { claim, release } from './owner.ts'

/** How a journal is opened. */
export interface JournalOptions {
  /** The directory that holds it; made, with its parents, when it is not there. */
  readonly directory: string
  /** Makes the source id of a new journal. Default: 15 random bytes as text. */
  readonly newSource?: () => string
}

const fileName = 'journal.lmdb'

/** Whether there is a journal to recover from. Creates nothing. */
export function journalExists(directory: string): boolean {
  return existsSync(join(directory, fileName))
}

/**
 * Opens the journal in a directory and claims it for this process; creates it where there is none.
 *
 * Rejects with `MILLRACE_JOURNAL_UNWRITABLE`, with `MILLRACE_JOURNAL_LOCKED` when a live process (or another Millrace of this
 * one) has it, by whatever path, and with `MILLRACE_JOURNAL_UNREADABLE` when it is damaged or newer than this version.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const directory = await usableDirectory(options.directory)
  const file = await openFile(directory)
  let token: number | undefined
  try {
    refuseNewer(file, directory)
    token = claimOf(file, directory)
    const source = await sourceOf(file, directory, options.newSource ?? randomSource)
    const lanes = laneNames(file).map((name) => openLane(file, directory, name))
    return new LmdbJournal({ file, token, directory, source, lanes })
  } catch (error) {
    if (token !== undefined) await release(file, token).catch(() => undefined)
    await file.close()
    throw error instanceof MillraceError ? error : fault(directory, error)
  }
}

/** One path for one directory: two handles on one file in one process would undo each other's locks. */
async function usableDirectory(directory: string): Promise<string> {
  try {
    await makeDirectory(directory)
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return await realpath(directory)
  } catch (error) {
    throw unwritable(directory, error)
  }
}

/** With parents. Not `mkdir`'s own `recursive`: in places such as `/proc`, Node 20 tries that for ever. */
async function makeDirectory(path: string): Promise<void> {
  const parent = dirname(path)
  try {
    await mkdir(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || parent === path) throw error
    await makeDirectory(parent)
    await mkdir(path)
  }
}

async function openFile(directory: string): Promise<JournalFile> {
  const path = join(directory, fileName)
  try {
    const wrong = await faultInFile(path)
    if (wrong !== undefined) throw unreadable(directory, wrong)
    // Loaded here and not with the module: a program that only caches needs no native addon.
    const { open } = await import('lmdb')
    return open({
      path,
      noSubdir: true,
      encoding: 'binary',
      useVersions: true,
      overlappingSync: false,
      // Batches of its own would reject a promise that nobody can reach; `GroupCommit` makes them.
      eventTurnBatching: false,
    })
  } catch (error) {
    throw error instanceof MillraceError ? error : fault(directory, error)
  }
}

/** Before anything is written: a newer version may keep its owner in another way. */
function refuseNewer(file: JournalFile, directory: string): void {
  const reading = readFrame('header', file.get(headerKey) ?? Buffer.alloc(0))
  if (reading.state === 'newer') throw tooNew(directory, reading.version)
}

function claimOf(file: JournalFile, directory: string): number {
  const answer = claim(file)
  if (answer.state === 'taken') throw locked(directory, answer.pid)
  return answer.token
}

async function sourceOf(
  file: JournalFile,
  directory: string,
  newSource: () => string,
): Promise<string> {
  const value = file.get(headerKey)
  if (value === undefined) {
    if (laneNames(file).length > 0) throw unreadable(directory, 'its header is missing')
    const source = newSource()
    await file.put(headerKey, writeFrame('header', Buffer.from(JSON.stringify({ source }))), 0)
    return source
  }
  const reading = readFrame('header', value)
  if (reading.state !== 'whole') throw unreadable(directory, 'its header is damaged')
  return (JSON.parse(reading.body.toString()) as { source: string }).source
}

function randomSource(): string {
  return randomBytes(15).toString('base64url')
}

/** What LMDB says: about the file's content, or about the system underneath. */
function fault(directory: string, error: unknown): MillraceError {
  const text = error instanceof Error ? error.message : String(error)
  return /MDB_(INVALID|CORRUPTED|VERSION_MISMATCH|PAGE_NOTFOUND|PANIC|INCOMPATIBLE|BAD)/.test(text)
    ? unreadable(directory, text, error)
    : unwritable(directory, error)
}

import { MillraceError } from '../../base/errors.ts'

/** The journal's directory cannot be made or written. */
export function unwritable(directory: string, cause: unknown): MillraceError {
  return new MillraceError(
    'MILLRACE_JOURNAL_UNWRITABLE',
    `The journal in ${directory} cannot be written: ${messageOf(cause)}.`,
    {
      remedy:
        'Give the process a local directory that it may write, with free space, as `buffer.journal`.',
      cause,
    },
  )
}

/** What was read is not what was written. */
export function unreadable(directory: string, what: string, cause?: unknown): MillraceError {
  return new MillraceError(
    'MILLRACE_JOURNAL_UNREADABLE',
    `The journal in ${directory} cannot be read: ${what}.`,
    {
      remedy:
        'Keep a copy of the directory, restore it from a backup or move it away; moving it away gives up the writes in it that the database does not have.',
      ...(cause === undefined ? {} : { cause }),
    },
  )
}

/** A newer Millrace wrote here. */
export function tooNew(directory: string, version: number): MillraceError {
  return new MillraceError(
    'MILLRACE_JOURNAL_UNREADABLE',
    `The journal in ${directory} has format ${String(version)}, which a newer version of Millrace wrote.`,
    {
      remedy:
        'Start the newer version, or close it after a drain and give this one another `buffer.journal`.',
    },
  )
}

/** Another live process or instance has the journal. */
export function locked(directory: string, pid: number): MillraceError {
  const who =
    pid === process.pid
      ? `another Millrace of this process (pid ${String(pid)})`
      : `the live process ${String(pid)}`
  return new MillraceError(
    'MILLRACE_JOURNAL_LOCKED',
    `The journal in ${directory} belongs to ${who}.`,
    {
      remedy:
        'One process at a time owns a journal: close that one, or give this one another directory as `buffer.journal`.',
    },
  )
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

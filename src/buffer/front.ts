import { MillraceError } from '../base/errors.ts'
import type { Row } from '../contract/target.ts'
import type { AckLevel, BufferPort, OnMissing } from '../contract/buffer-port.ts'
import { spell } from './spell.ts'

/** What the front of one connection's buffer is made of. */
export interface FrontOptions {
  readonly port: BufferPort
  readonly connection: string
  /** Fills columns that Millrace generates (nanoid) where a row lacks them; returns a new row and leaves the given one. */
  readonly fill: (table: string, row: Row) => Row
  /** What becomes of updates and increments whose row is not there, unless a write says otherwise. */
  readonly onMissing: OnMissing
}

/** Options of one buffered write. */
export interface WriteOptions {
  /** The level at which it is acknowledged. Default: the buffer's. */
  readonly ack?: AckLevel
}

/** Options of one buffered update. */
export interface UpdateOptions extends WriteOptions {
  /** What becomes of it if the row is not there. Default: the buffer's. */
  readonly onMissing?: OnMissing
}

/** Options of one buffered increment. */
export interface IncrementOptions extends UpdateOptions {
  /** `true`: answer with the new value, database plus pending. Default: `false`. */
  readonly returning?: boolean
}

/** What a buffered write resolves to. */
export interface WriteReceipt {
  /** The row of an insert, with its generated ids. */
  readonly row?: Row
  /** The rows of an insert of a list. */
  readonly rows?: readonly Row[]
  /** The level reached. */
  readonly ack: AckLevel
  /** Settles when the database has committed the write or refused it; left alone, it never raises an unhandled rejection. */
  readonly applied: Promise<void>
  /** With `returning`: the column's value, database plus pending. */
  readonly value?: unknown
}

const ackLevels: readonly unknown[] = ['memory', 'process', 'disk', 'store'] satisfies AckLevel[]
const missingPolicies: readonly unknown[] = ['ignore', 'dead', 'insert'] satisfies OnMissing[]

/** Reads the options of one write. Throws `MILLRACE_OPTION_UNKNOWN` or `MILLRACE_OPTION_INVALID`. */
export function readOptions(
  given: unknown,
  names: readonly (keyof IncrementOptions)[],
): IncrementOptions {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null) {
    throw new MillraceError(
      'MILLRACE_OPTION_INVALID',
      'The options of a buffered write are no object.',
      {
        remedy: `Give an object with ${names.join(', ')}.`,
      },
    )
  }
  const known: readonly string[] = names
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue
    throw new MillraceError(
      'MILLRACE_OPTION_UNKNOWN',
      `A buffered write has no option "${name}" here.`,
      {
        remedy: `It has ${names.join(', ')}.`,
      },
    )
  }
  const options = given as { readonly [Name in keyof IncrementOptions]?: unknown }
  checkWord('ack', options.ack, ackLevels)
  checkWord('onMissing', options.onMissing, missingPolicies)
  checkWord('returning', options.returning, [true, false])
  return options as IncrementOptions
}

function checkWord(name: string, value: unknown, words: readonly unknown[]): void {
  if (value === undefined || words.includes(value)) return
  throw new MillraceError('MILLRACE_OPTION_INVALID', `${name} is ${spell(value)}.`, {
    remedy: `Give one of ${words.map((word) => JSON.stringify(word)).join(', ')}.`,
  })
}

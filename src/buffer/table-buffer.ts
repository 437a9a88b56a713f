import { MillraceError } from '../base/errors.ts'
import type { Row } from '../contract/target.ts'
import { captureRow } from './capture.ts'
import type { FrontOptions, WriteOptions, WriteReceipt } from './front.ts'
import { readOptions } from './front.ts'
import { RowBuffer } from './row-buffer.ts'

/** `DB.posts.buffer`: writes to one table that are accepted now and applied in a batch later. */
export class TableBuffer {
  readonly #options: FrontOptions
  readonly #table: string

  constructor(options: FrontOptions, table: string) {
    this.#options = options
    this.#table = table
  }

  /**
   * Queues one row, or a list as a whole, for a batch insert. Values are captured now. Rejects with `MILLRACE_WRITE_EMPTY`,
   * `MILLRACE_VALUE_INVALID`, `MILLRACE_COLUMN_UNKNOWN`, `MILLRACE_TABLE_UNKNOWN` and the other codes of `BufferPort.submit`.
   */
  async insert(given: Row | readonly Row[], options?: WriteOptions): Promise<WriteReceipt> {
    const { ack } = readOptions(options, ['ack'])
    const list: readonly Row[] = Array.isArray(given) ? given : [given as Row]
    if (list.length === 0) {
      throw new MillraceError(
        'MILLRACE_WRITE_EMPTY',
        `The insert into "${this.#table}" has no rows.`,
        {
          remedy: 'Give at least one.',
        },
      )
    }
    const { port, connection, fill } = this.#options
    const what = `a row of "${this.#table}"`
    const rows = list.map((row) => captureRow(fill(this.#table, captureRow(row, what)), what))
    const request = { kind: 'insert', table: this.#table, rows } as const
    const { ack: reached, applied } = await port.submit(connection, request, ack)
    // A copy: the queued rows stay private when the caller changes the receipt's.
    const queued = rows.map((row) => captureRow(row, what))
    const [first] = queued
    if (Array.isArray(given) || first === undefined) return { rows: queued, ack: reached, applied }
    return { row: first, ack: reached, applied }
  }

  /**
   * The row to write to, by its full primary or unique key: a value, or an object with every column of the key. A string is an id
   * and never read as JSON. Whether the key fits is told by the write, which rejects with `MILLRACE_KEY_INVALID`.
   */
  where(key: unknown): RowBuffer {
    return new RowBuffer(this.#options, this.#table, key)
  }

  /** See `BufferPort.flush`, for this table. */
  flush(): Promise<void> {
    const { port, connection } = this.#options
    return port.flush(connection, this.#table)
  }
}

import { MillraceError } from '../base/errors.ts'
import type { Row } from '../contract/target.ts'
import { checkAmount } from './accept.ts'
import { captureRow, captureValue, isPlain } from './capture.ts'
import type {
  FrontOptions,
  IncrementOptions,
  UpdateOptions,
  WriteOptions,
  WriteReceipt,
} from './front.ts'
import { readOptions } from './front.ts'
import type { KeyInput } from '../contract/buffer-port.ts'
import { spell } from './spell.ts'

/** `DB.posts.buffer.where(7)`: writes to one row. */
export class RowBuffer {
  readonly #options: FrontOptions
  readonly #table: string
  /** The key, captured when it was given; or why it cannot be one. */
  readonly #key: { readonly value: KeyInput } | { readonly error: MillraceError }

  constructor(options: FrontOptions, table: string, key: unknown) {
    this.#options = options
    this.#table = table
    this.#key = captureKey(table, key)
  }

  /** Adds to a column: the database adds, and increments of one row are merged. With `returning`, the receipt has `value`. */
  async increment(
    column: string,
    by: number | bigint = 1,
    options?: IncrementOptions,
  ): Promise<WriteReceipt> {
    const {
      ack,
      onMissing = this.#options.onMissing,
      returning = false,
    } = readOptions(options, ['ack', 'onMissing', 'returning'])
    checkAmount({ name: this.#table }, column, by)
    const { port, connection } = this.#options
    const key = this.#keyValue()
    return port.submit(
      connection,
      { kind: 'increment', table: this.#table, key, column, by, onMissing, returning },
      ack,
    )
  }

  /** Takes away from a column; see {@link increment}. */
  async decrement(
    column: string,
    by: number | bigint = 1,
    options?: IncrementOptions,
  ): Promise<WriteReceipt> {
    checkAmount({ name: this.#table }, column, by)
    return this.increment(column, -by, options)
  }

  /** Sets columns; the last write wins, column by column. Values are captured now. */
  async update(set: Row, options?: UpdateOptions): Promise<WriteReceipt> {
    const { ack, onMissing = this.#options.onMissing } = readOptions(options, ['ack', 'onMissing'])
    const captured = captureRow(set, `the update of "${this.#table}"`)
    if (Object.keys(captured).length === 0) {
      throw new MillraceError(
        'MILLRACE_WRITE_EMPTY',
        `The update of "${this.#table}" sets no column.`,
        {
          remedy: 'Give at least one.',
        },
      )
    }
    const { port, connection } = this.#options
    const key = this.#keyValue()
    return port.submit(
      connection,
      { kind: 'update', table: this.#table, key, set: captured, onMissing },
      ack,
    )
  }

  /** Deletes the row. */
  async delete(options?: WriteOptions): Promise<WriteReceipt> {
    const { ack } = readOptions(options, ['ack'])
    const { port, connection } = this.#options
    return port.submit(
      connection,
      { kind: 'delete', table: this.#table, key: this.#keyValue() },
      ack,
    )
  }

  /** The column's value, database plus pending; `undefined` for a row that is in neither. */
  async get(column: string): Promise<unknown> {
    const { port, connection } = this.#options
    return port.get(connection, this.#table, this.#keyValue(), column)
  }

  #keyValue(): KeyInput {
    if ('error' in this.#key) throw this.#key.error
    return this.#key.value
  }
}

function captureKey(table: string, key: unknown): { value: KeyInput } | { error: MillraceError } {
  try {
    const value = isPlain(key) ? captureKeyObject(key) : captureValue(key, 'The key')
    if (isKeyInput(value)) return { value }
  } catch {
    // Told below: whatever is wrong with it, it is no key.
  }
  return {
    error: new MillraceError(
      'MILLRACE_KEY_INVALID',
      `where(${spell(key)}) names no row of "${table}".`,
      {
        remedy: 'Give the value of the primary key, or an object with every column of a key.',
      },
    ),
  }
}

function captureKeyObject(key: Row): Row {
  const captured = captureRow(key, 'the key')
  if (Object.values(captured).some((value) => !isScalar(value))) throw new TypeError('not a key')
  return captured
}

function isKeyInput(value: unknown): value is KeyInput {
  return isScalar(value) || isPlain(value)
}

function isScalar(value: unknown): value is string | number | bigint | Date | Uint8Array {
  if (typeof value === 'number') return !Number.isNaN(value)
  return (
    typeof value === 'string' ||
    typeof value === 'bigint' ||
    value instanceof Date ||
    value instanceof Uint8Array
  )
}

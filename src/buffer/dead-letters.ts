import { MillraceError } from '../base/errors.ts'
import type { Codec } from '../contract/codec.ts'
import type { Row, Session, Target } from '../contract/target.ts'
import type { Refusal } from './apply-range.ts'
import type { LaneName } from './ledger.ts'
import { deadTable, exists } from './ledger-tables.ts'
import type { WriteOperation } from './operation.ts'
import type { DeadLetter } from '../contract/buffer-port.ts'
import { decodeOperation, encodeOperation } from './turn.ts'

/** The database's messages are kept up to this many characters. */
const longestMessage = 2000

/** The id of the dead letter that a lane's write becomes. */
export function letterId(lane: LaneName, seq: number): string {
  return `${lane.source}.${lane.lane}.${String(seq)}`
}

/** Keeps refused writes, in the transaction that applies the others. A retry that is refused again keeps its letter. */
export async function keepLetters(
  session: Session,
  lane: LaneName,
  codec: Codec,
  refused: readonly Refusal[],
): Promise<void> {
  for (const { entry, error } of refused) {
    const message = error.message.slice(0, longestMessage)
    const code = codeOf(error)
    if (entry.operation.kind === 'retry') {
      await session.query(`UPDATE ${deadTable} SET error = ?, code = ? WHERE id = ?`, [
        message,
        code,
        entry.operation.letter,
      ])
      continue
    }
    await session.query(
      `INSERT INTO ${deadTable} (id, source, lane, seq, table_name, kind, op, error, code) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        letterId(lane, entry.seq),
        lane.source,
        lane.lane,
        entry.seq,
        entry.operation.table,
        entry.operation.kind,
        Buffer.from(encodeOperation(codec, entry.operation)),
        message,
        code,
      ],
    )
  }
}

/** A dead letter with the write that it keeps. */
export interface KeptLetter {
  readonly letter: DeadLetter
  readonly operation: WriteOperation
}

/** The dead letters of one database. */
export class DeadLetterBox {
  readonly #target: Target
  readonly #codec: Codec

  constructor(target: Target, codec: Codec) {
    this.#target = target
    this.#codec = codec
  }

  /** Oldest first. */
  async list(): Promise<DeadLetter[]> {
    if (!(await exists(this.#target, deadTable))) return []
    const { rows } = await this.#target.query(
      `SELECT * FROM ${deadTable} ORDER BY source, lane, seq`,
    )
    return rows.map((row) => this.#read(row).letter)
  }

  async find(id: string): Promise<KeptLetter | undefined> {
    if (!(await exists(this.#target, deadTable))) return undefined
    const { rows } = await this.#target.query(`SELECT * FROM ${deadTable} WHERE id = ?`, [id])
    return rows[0] && this.#read(rows[0])
  }

  /** Whether there was one to drop. */
  async discard(id: string): Promise<boolean> {
    if (!(await exists(this.#target, deadTable))) return false
    const { affected } = await this.#target.query(`DELETE FROM ${deadTable} WHERE id = ?`, [id])
    return affected === 1
  }

  /** Sequence numbers of a range that became dead letters, with the reason. */
  async inRange(lane: LaneName, from: number, to: number): Promise<Map<number, Error>> {
    const { rows } = await this.#target.query(
      `SELECT seq, error FROM ${deadTable} WHERE source = ? AND lane = ? AND seq BETWEEN ? AND ?`,
      [lane.source, lane.lane, from, to],
    )
    return new Map(rows.map((row) => [Number(row['seq']), new Error(String(row['error']))]))
  }

  #read(row: Row): KeptLetter {
    const operation = decodeOperation(this.#codec, row['op'] as Uint8Array)
    const code = row['code']
    return {
      operation,
      letter: {
        id: String(row['id']),
        connection: this.#target.connection,
        table: operation.table,
        kind: operation.kind,
        key: keyRow(operation),
        values: valuesOf(operation),
        error: String(row['error']),
        code: typeof code === 'string' ? code : undefined,
      },
    }
  }
}

/** What the caller is told of a refused write. */
export function refusalError(table: string, id: string, cause: Error): MillraceError {
  return new MillraceError(
    'MILLRACE_WRITE_REFUSED',
    `The database refused a write to "${table}": ${cause.message.replace(/\.$/, '')}.`,
    {
      remedy: `It is kept as dead letter ${id}; retry or discard it.`,
      cause,
    },
  )
}

/** The answer to an id that no dead letter has. */
export function unknownLetter(id: string): MillraceError {
  return new MillraceError(
    'MILLRACE_DEAD_LETTER_UNKNOWN',
    `There is no dead letter ${JSON.stringify(id)}.`,
    {
      remedy: 'List them; it may have been retried or discarded already.',
    },
  )
}

function keyRow(operation: WriteOperation): Row | undefined {
  if (operation.kind === 'insert') return undefined
  const { columns, values } = operation.key
  return Object.fromEntries(columns.map((name, index) => [name, values[index]]))
}

function valuesOf(operation: WriteOperation): Row {
  switch (operation.kind) {
    case 'insert':
      return operation.row
    case 'update':
      return operation.set
    case 'increment':
      return { [operation.column]: operation.by }
    case 'delete':
      return {}
  }
}

function codeOf(error: Error): string | null {
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code.slice(0, 64) : null
}

import { MillraceError } from '../base/errors.ts'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FailureKind, Session, StatementResult } from '../contract/target.ts'
import type { CoalesceContext } from './coalesce.ts'
import { coalesce } from './coalesce.ts'
import { deadTable } from './ledger-tables.ts'
import type {
  QueuedOperation,
  UpdateOperation,
  IncrementOperation,
  WriteOperation,
} from './operation.ts'
import type { Statement } from './row-statement.ts'
import { updateStatement } from './row-statement.ts'
import { insertStatement, statementsOf } from './statement.ts'
import type { ColumnChange, Step } from './step.ts'

/** A write that the database refused, with its reason. */
export interface Refusal {
  readonly entry: QueuedOperation
  readonly error: Error
}

/** What applying a range came to. */
export interface RangeOutcome {
  readonly refused: readonly Refusal[]
  /** Row changes sent to the database for the writes that were applied. */
  readonly rowsSent: number
}

/** What {@link applyRange} needs beside the session. */
export interface ApplyContext extends CoalesceContext {
  classify(error: unknown): FailureKind
}

/** Ranges up to this size are not halved any further: their writes are tried one by one. */
const smallest = 4
/** From this share of bad writes on, one by one is cheaper than halving. */
const badShare = 0.05

/**
 * Applies a range of operations in an open transaction, under savepoints: as few statements as coalescing allows, and where
 * the database refuses one, in halves, down to the single bad writes. Those are returned, everything else is applied.
 * Rejects for every failure that is not the data's fault; the transaction is then to be rolled back.
 */
export async function applyRange(
  session: Session,
  operations: readonly QueuedOperation[],
  context: ApplyContext,
): Promise<RangeOutcome> {
  const run = new RangeRun(session, operations.length, context)
  await run.range(operations, 0)
  return { refused: run.refused, rowsSent: run.rowsSent }
}

class RangeRun {
  readonly refused: Refusal[] = []
  rowsSent = 0
  readonly #session: Session
  readonly #total: number
  readonly #context: ApplyContext
  #statements = 0

  constructor(session: Session, total: number, context: ApplyContext) {
    this.#session = session
    this.#total = total
    this.#context = context
  }

  async range(operations: readonly QueuedOperation[], depth: number): Promise<void> {
    const [first] = operations
    if (first === undefined) return
    const name = `_millrace_${String(depth)}`
    const failure = await this.#attempt(name, operations)
    if (failure === undefined) return
    if (operations.length === 1) {
      this.refused.push({ entry: first, error: failure })
      return
    }
    const manyBad = this.refused.length > this.#total * badShare
    if (operations.length <= smallest || manyBad) {
      for (const entry of operations) await this.range([entry], depth + 1)
      return
    }
    const middle = operations.length >> 1
    await this.range(operations.slice(0, middle), depth + 1)
    await this.range(operations.slice(middle), depth + 1)
  }

  /** Applies a range or leaves nothing of it; returns why the data was refused. */
  async #attempt(
    savepoint: string,
    operations: readonly QueuedOperation[],
  ): Promise<Error | undefined> {
    const sentBefore = this.rowsSent
    await this.#session.query(`SAVEPOINT ${savepoint}`)
    try {
      for (const step of coalesce(operations, this.#context)) await this.#step(step)
    } catch (error) {
      if (!isRefusal(error, this.#context)) throw error
      await this.#session.query(`ROLLBACK TO SAVEPOINT ${savepoint}`)
      await this.#session.query(`RELEASE SAVEPOINT ${savepoint}`)
      this.rowsSent = sentBefore
      return error instanceof Error ? error : new Error(String(error))
    }
    await this.#session.query(`RELEASE SAVEPOINT ${savepoint}`)
    return undefined
  }

  async #step(step: Step): Promise<void> {
    if (step.kind === 'single') {
      await this.#single(step)
      return
    }
    for (const statement of statementsOf(step, this.#context.dialect)) await this.#send(statement)
  }

  async #single(step: Extract<Step, { kind: 'single' }>): Promise<void> {
    const { operation } = step.entry
    if (operation.kind === 'retry') {
      const { affected } = await this.#session.query(`DELETE FROM ${deadTable} WHERE id = ?`, [
        operation.letter,
      ])
      // Gone already: it was retried or discarded before this retry's turn came.
      if (affected === 0) return
      await this.#write(step, operation.of)
      return
    }
    await this.#write(step, operation)
  }

  async #write(step: Extract<Step, { kind: 'single' }>, operation: WriteOperation): Promise<void> {
    const { table } = step
    const { dialect } = this.#context
    switch (operation.kind) {
      case 'insert':
        await this.#send(insertStatement(table, operation.row, dialect))
        return
      case 'delete':
        for (const statement of statementsOf(
          {
            kind: 'delete',
            table,
            keyColumns: operation.key.columns,
            keys: [operation.key.values],
          },
          dialect,
        )) {
          await this.#send(statement)
        }
        return
      case 'update':
      case 'increment': {
        const change = { key: operation.key.values, columns: changesOf(operation) }
        const { affected } = await this.#send(
          updateStatement(table, operation.key.columns, change, dialect),
        )
        if (affected > 0 || operation.onMissing === 'ignore') return
        if (operation.onMissing === 'dead') throw new RowMissing(operation)
        await this.#send(insertStatement(table, missingRow(operation), dialect))
      }
    }
  }

  async #send(statement: Statement): Promise<StatementResult> {
    // SQLite answers within the call: let the event loop turn between statements.
    if (this.#context.dialect === 'sqlite' && this.#statements++ % 8 === 7) await nextTurn()
    this.rowsSent += statement.rows
    return this.#session.query(statement.sql, statement.bindings)
  }
}

/** The row of an update with `onMissing: 'dead'` is not there. */
class RowMissing extends MillraceError {
  constructor(operation: UpdateOperation | IncrementOperation) {
    super(
      'MILLRACE_WRITE_REFUSED',
      `Table "${operation.table}" has no row with the key of this ${operation.kind}.`,
    )
  }
}

function isRefusal(error: unknown, context: ApplyContext): boolean {
  return error instanceof RowMissing || context.classify(error) === 'permanent'
}

function missingRow(operation: UpdateOperation | IncrementOperation): Record<string, unknown> {
  const row: Record<string, unknown> = {}
  for (const [index, name] of operation.key.columns.entries())
    row[name] = operation.key.values[index]
  if (operation.kind === 'increment') row[operation.column] = operation.by
  else Object.assign(row, operation.set)
  return row
}

function changesOf(operation: UpdateOperation | IncrementOperation): Map<string, ColumnChange> {
  if (operation.kind === 'increment')
    return new Map([[operation.column, { kind: 'delta', by: operation.by }]])
  return new Map(
    Object.entries(operation.set).map(([column, value]) => [column, { kind: 'base', value }]),
  )
}

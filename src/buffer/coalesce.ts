import type { TableDescription } from '../contract/catalog.ts'
import type { Dialect } from '../contract/dialect.ts'
import { mergeChange } from './column-change.ts'
import type { IncrementOperation, QueuedOperation, UpdateOperation } from './operation.ts'
import type { KeyIdentity } from './row-key.ts'
import { keyIdentity, keyInRow } from './row-key.ts'
import type { ColumnChange, DeleteStep, InsertStep, RowChange, Step, UpdateStep } from './step.ts'
import type { TableTraits } from './table-traits.ts'
import { tableTraits } from './table-traits.ts'

/** What {@link coalesce} must know of the database. */
export interface CoalesceContext {
  readonly dialect: Dialect
  describe(name: string): TableDescription | undefined
}

/** A step that may still take in later operations. */
type OpenStep =
  | { readonly kind: 'insert'; readonly step: InsertStep; readonly signature: string }
  | {
      readonly kind: 'update'
      readonly step: UpdateStep
      readonly rows: Map<string, { exact: string; change: RowChange }>
    }
  | { readonly kind: 'closed'; readonly step: Step }

/**
 * Turns a run of operations into as few steps as surely give the same rows as the operations one by one (B3), for writes
 * that the database would accept.
 *
 * The rule: operations keep their order, and one moves to an earlier step only past operations with which it commutes.
 * - Tables that no foreign key connects commute with each other; connected ones form a group that keeps its order.
 * - A group's last step takes in an insert of the same table and columns, or an update of the same table by the same
 *   key columns that changes no unique column. In such a step of updates every row appears once; two writes to one row
 *   are merged column by column where that is exact, else a new step begins.
 * - An insert passes a step of updates of its table, to join the inserts before it, only if it carries its whole primary
 *   key, that key is surely none of the updated rows, and the table has no other unique key and no reference to itself.
 * - Barriers, which nothing passes: deletes (they cascade), tables with triggers or partitions (each write stays alone), changes of
 *   unique columns (they may cascade), retries of dead letters.
 * - Writes whose own outcome matters (`onMissing`) stay alone, in their group's order.
 * - A key that cannot be compared surely (see {@link keyIdentity}) stays alone too.
 */
export function coalesce(operations: readonly QueuedOperation[], context: CoalesceContext): Step[] {
  return new Coalescer(operations, context).run()
}

class Coalescer {
  readonly #operations: readonly QueuedOperation[]
  readonly #context: CoalesceContext
  readonly #traits: ReadonlyMap<string, TableTraits>
  readonly #done: Step[] = []
  /** Open steps by group, in the order in which the groups were first seen. */
  readonly #groups = new Map<string, OpenStep[]>()
  /** The step of deletes that directly precedes, if any. */
  #deletes: DeleteStep | undefined

  constructor(operations: readonly QueuedOperation[], context: CoalesceContext) {
    this.#operations = operations
    this.#context = context
    this.#traits = tableTraits(
      new Set(operations.map(({ operation }) => operation.table)),
      (name) => context.describe(name),
    )
  }

  run(): Step[] {
    for (const entry of this.#operations) this.#add(entry)
    this.#closeGroups()
    return this.#done
  }

  #add(entry: QueuedOperation): void {
    const { operation } = entry
    const traits = this.#traits.get(operation.table)
    if (traits === undefined) {
      this.#barrier({ kind: 'single', table: absentTable(operation.table), entry })
      return
    }
    if (operation.kind === 'retry' || traits.inOrder) {
      this.#barrier({ kind: 'single', table: traits.table, entry })
      return
    }
    if (operation.kind === 'delete') {
      this.#delete(traits, operation.key.columns, operation.key.values)
      return
    }
    if (operation.kind === 'insert') {
      this.#insert(traits, operation.row)
      return
    }
    if (operation.onMissing !== 'ignore') {
      this.#push(traits, { kind: 'closed', step: { kind: 'single', table: traits.table, entry } })
      return
    }
    if (changedColumns(operation).some((column) => traits.uniqueColumns.has(column))) {
      this.#barrier({ kind: 'single', table: traits.table, entry })
      return
    }
    this.#update(traits, operation)
  }

  #insert(traits: TableTraits, row: InsertStep['rows'][number]): void {
    const columns = Object.keys(row).sort()
    const signature = JSON.stringify([traits.table.name, columns])
    if (columns.length > 0 && !traits.selfReferencing) {
      const open = this.#groups.get(traits.group) ?? []
      const last = open.at(-1)
      const target = last?.kind === 'update' && passes(traits, row, last) ? open.at(-2) : last
      if (target?.kind === 'insert' && target.signature === signature) {
        target.step.rows.push(row)
        return
      }
    }
    const step: InsertStep = { kind: 'insert', table: traits.table, columns, rows: [row] }
    this.#push(
      traits,
      traits.selfReferencing ? { kind: 'closed', step } : { kind: 'insert', step, signature },
    )
  }

  #update(traits: TableTraits, operation: UpdateOperation | IncrementOperation): void {
    const identity = keyIdentity(traits.table, operation.key)
    const fresh: RowChange = { key: operation.key.values, columns: new Map(changesOf(operation)) }
    if (identity !== undefined) {
      const last = this.#groups.get(traits.group)?.at(-1)
      if (last?.kind === 'update' && sameKey(last.step, traits, operation.key.columns)) {
        if (this.#join(last, identity, fresh, traits)) return
      }
    }
    const step: UpdateStep = {
      kind: 'update',
      table: traits.table,
      keyColumns: operation.key.columns,
      changes: [fresh],
    }
    if (identity === undefined) this.#push(traits, { kind: 'closed', step })
    else {
      const rows = new Map([[identity.fold, { exact: identity.exact, change: fresh }]])
      this.#push(traits, { kind: 'update', step, rows })
    }
  }

  /** Adds a row's changes to an open step, or merges them into the row's earlier ones; `false` where neither is exact. */
  #join(
    open: OpenStep & { kind: 'update' },
    identity: KeyIdentity,
    fresh: RowChange,
    traits: TableTraits,
  ): boolean {
    const known = open.rows.get(identity.fold)
    if (known === undefined) {
      open.rows.set(identity.fold, { exact: identity.exact, change: fresh })
      open.step.changes.push(fresh)
      return true
    }
    if (known.exact !== identity.exact) return false
    const merged: [string, ColumnChange][] = []
    for (const [column, later] of fresh.columns) {
      const earlier = known.change.columns.get(column)
      const change = mergeChange(
        earlier,
        later,
        traits.table.columns.get(column),
        this.#context.dialect,
      )
      if (change === undefined) return false
      merged.push([column, change])
    }
    for (const [column, change] of merged) known.change.columns.set(column, change)
    return true
  }

  #delete(traits: TableTraits, keyColumns: readonly string[], key: readonly unknown[]): void {
    const last = this.#deletes
    if (
      last !== undefined &&
      this.#groups.size === 0 &&
      !traits.selfReferencing &&
      last.table.name === traits.table.name &&
      last.keyColumns.join() === keyColumns.join()
    ) {
      last.keys.push(key)
      return
    }
    const step: DeleteStep = { kind: 'delete', table: traits.table, keyColumns, keys: [key] }
    this.#barrier(step)
    this.#deletes = step
  }

  #push(traits: TableTraits, open: OpenStep): void {
    const steps = this.#groups.get(traits.group)
    if (steps === undefined) this.#groups.set(traits.group, [open])
    else steps.push(open)
  }

  #barrier(step: Step): void {
    this.#closeGroups()
    this.#done.push(step)
    this.#deletes = undefined
  }

  #closeGroups(): void {
    for (const steps of this.#groups.values()) for (const { step } of steps) this.#done.push(step)
    this.#groups.clear()
  }
}

function passes(
  traits: TableTraits,
  row: InsertStep['rows'][number],
  updates: OpenStep & { kind: 'update' },
): boolean {
  if (updates.step.table.name !== traits.table.name || traits.uniqueColumns.size > 0) return false
  if (!sameKey(updates.step, traits, traits.primaryKey)) return false
  const key = keyInRow(traits.table, traits.primaryKey, row)
  const identity = key === undefined ? undefined : keyIdentity(traits.table, key)
  return identity !== undefined && !updates.rows.has(identity.fold)
}

function sameKey(step: UpdateStep, traits: TableTraits, columns: readonly string[]): boolean {
  return step.table.name === traits.table.name && step.keyColumns.join() === columns.join()
}

function changedColumns(operation: UpdateOperation | IncrementOperation): readonly string[] {
  return operation.kind === 'update' ? Object.keys(operation.set) : [operation.column]
}

function changesOf(operation: UpdateOperation | IncrementOperation): [string, ColumnChange][] {
  if (operation.kind === 'increment')
    return [[operation.column, { kind: 'delta', by: operation.by }]]
  return Object.entries(operation.set).map(([column, value]) => [column, { kind: 'base', value }])
}

/** Stands for a table that the catalog no longer has: the database will say so. */
function absentTable(name: string): TableDescription {
  return {
    name,
    columns: new Map(),
    primaryKey: [],
    uniqueKeys: [],
    transactional: true,
    hasTriggers: false,
    sharesRows: false,
    references: [],
  }
}

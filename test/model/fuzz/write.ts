import type { Knex } from 'knex'
import type { Millrace } from '../../../src/index.ts'
import { Draw, type KnownRows } from './draw.ts'
import type { Random } from './random.ts'
import { framed, respell } from './respell.ts'
import { newRow } from './rows.ts'
import type { Schema, Table } from './schema.ts'
import { quote } from './schema.ts'
import { drawStatement } from './statements.ts'

/** One write of an episode, after it was done. */
export interface DoneWrite {
  readonly kind: string
  /** Tables that its statements name. */
  readonly tables: ReadonlySet<string>
  readonly changedSchema: boolean
  /** The error that ended it, where one did. */
  readonly error: unknown
}

/** What writes are done with. */
export interface WriteParts {
  readonly db: Millrace
  readonly schema: Schema
  readonly rows: KnownRows
  readonly random: Random
  /** Called in the midst of a transaction, before its end; not where its locks keep readers out. */
  readonly amid: () => Promise<void>
}

/** Draws a write and does it: a statement, a transaction, a change of the schema. */
export async function performWrite(parts: WriteParts): Promise<DoneWrite> {
  const write = new Write(parts)
  let error: unknown
  try {
    await write.perform()
  } catch (caught) {
    error = caught
  }
  return { kind: write.kind, tables: write.tables, changedSchema: write.changedSchema, error }
}

const undo = new Error('The transaction is rolled back on purpose.')

class Write {
  kind = ''
  readonly tables = new Set<string>()
  changedSchema = false
  readonly #parts: WriteParts
  readonly #random: Random
  #excludesReaders = false

  constructor(parts: WriteParts) {
    this.#parts = parts
    this.#random = parts.random
  }

  async perform(): Promise<void> {
    const { schema, rows } = this.#parts
    const poor = schema.tables.find(
      (table) => table.partOf === undefined && (rows.get(table.name)?.length ?? 0) < 3,
    )
    if (poor !== undefined && this.#random.chance(0.6)) {
      await this.#refill(poor)
      return
    }
    const rich = schema.tables.find((table) => (rows.get(table.name)?.length ?? 0) > 14)
    if (rich !== undefined) {
      await this.#trim(rich)
      return
    }
    const how = this.#random.weighted<() => Promise<void>>([
      [85, () => this.#statement(this.#parts.db.knex)],
      [12, () => this.#transaction()],
      [schema.dialect === 'sqlite' ? 2 : 0, () => this.#byHand()],
      [0.7, () => this.#changeSchema()],
    ])
    await how()
  }

  #draw(k: Knex): Draw {
    return new Draw(this.#random, this.#parts.schema, k, this.#parts.rows)
  }

  async #statement(k: Knex): Promise<void> {
    const { kind, tables, run } = drawStatement(this.#draw(k))
    if (this.kind === '') this.kind = kind
    for (const table of tables) this.tables.add(table)
    if (kind === 'truncate' || kind === 'refresh') this.#excludesReaders = true
    if (kind !== 'truncate' && this.#random.chance(0.2)) {
      const { sql, bindings } = run.toSQL() as { sql: string; bindings: readonly unknown[] }
      const { dialect } = this.#parts.schema
      let text = respell(this.#random, dialect, { sql, bindings })
      if (this.#random.chance(0.3)) text = framed(this.#random, dialect, text, false)
      await k.raw(text.sql, text.bindings as Knex.RawBinding[])
    } else await run
  }

  async #transaction(): Promise<void> {
    this.kind = 'transaction'
    const fails = this.#random.chance(0.2)
    try {
      await this.#parts.db.transaction(async (trx) => {
        for (let i = this.#random.between(1, 3); i > 0; i--) await this.#inside(trx)
        if (!this.#excludesReaders && this.#random.chance(0.4)) await this.#parts.amid()
        if (fails) throw undo
      })
    } catch (error) {
      if (error !== undo) throw error
      this.kind = 'rolled back'
    } finally {
      // Knex leaves a transaction open whose COMMIT SQLite refuses, for a deferred foreign key.
      if (this.#parts.schema.dialect === 'sqlite')
        await this.#parts.db.raw('rollback').catch(() => undefined)
    }
  }

  async #inside(trx: Knex.Transaction): Promise<void> {
    if (this.#random.chance(0.3)) {
      await this.#savepoint(trx)
      return
    }
    const goesOn = this.#random.chance(0.5)
    try {
      await this.#statement(trx)
    } catch (error) {
      if (!goesOn) throw error
    }
  }

  async #savepoint(trx: Knex.Transaction): Promise<void> {
    const undone = this.#random.chance(0.5)
    this.kind = 'savepoint'
    try {
      await trx.transaction(async (inner) => {
        await this.#statement(inner)
        if (undone) throw undo
      })
    } catch (error) {
      if (error !== undo && this.#random.chance(0.5)) throw error
    }
  }

  /** SQLite has one connection, so raw statements meet in one transaction. */
  async #byHand(): Promise<void> {
    const { knex } = this.#parts.db
    this.kind = 'raw transaction'
    await knex.raw(this.#random.pick(['begin', 'begin immediate', 'savepoint s']))
    const single = this.#random.chance(0.5)
    try {
      for (let i = this.#random.between(1, 2); i > 0; i--) await this.#statement(knex)
      if (single) await this.#parts.amid()
    } finally {
      await knex
        .raw(this.#random.chance(0.7) ? 'commit' : 'rollback')
        .catch(() => knex.raw('rollback'))
    }
  }

  /** Row by row, because some rows may be refused. */
  async #refill(table: Table): Promise<void> {
    this.kind = 'refill'
    this.tables.add(table.name)
    for (let i = 0; i < 4; i++) {
      const draw = this.#draw(this.#parts.db.knex)
      try {
        await draw.k(table.name).insert(newRow(draw, table))
      } catch {
        // Another row may fit.
      }
    }
  }

  async #trim(table: Table): Promise<void> {
    this.kind = 'trim'
    this.tables.add(table.name)
    const draw = this.#draw(this.#parts.db.knex)
    const builder = draw.k(table.name)
    // Tables that were inserted into themselves become big.
    if (draw.rows(table.name).length < 40) {
      const column = this.#random.pick(table.columns)
      const value = draw.value(column, table) as string
      void builder.where(column.name, this.#random.pick(['>=', '=', '<=']), value)
    }
    await builder.del()
  }

  async #changeSchema(): Promise<void> {
    const { schema, db } = this.#parts
    this.kind = 'schema change'
    this.changedSchema = true
    const table = this.#random.pick(schema.tables)
    const q = (name: string): string => quote(schema.dialect, name)
    const column = this.#random.pick(table.columns).name
    const name = `ix_${this.#random.int(1000)}`
    const sql = this.#random.pick([
      `create unique index ${name} on ${q(table.name)} (${q(column)})`,
      `create index ${name} on ${q(table.name)} (${q(column)})`,
      `alter table ${q(table.name)} add column ${q(name)} int default 7`,
    ])
    await db.knex.raw(sql)
  }
}

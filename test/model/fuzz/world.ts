import type { Knex } from 'knex'
import { createTable } from './ddl.ts'
import { Draw } from './draw.ts'
import type { Engine, Row } from './engine.ts'
import { literal } from './literal.ts'
import { makeTables } from './make-schema.ts'
import { makeTrigger } from './make-trigger.ts'
import { makeView } from './make-views.ts'
import { Random } from './random.ts'
import { newRow } from './rows.ts'
import type { Schema, Table, Trigger, View } from './schema.ts'
import { quote } from './schema.ts'

/** A database full of random things, as it is before the first write. */
export interface World {
  readonly schema: Schema
  /** What made it, statement by statement. */
  readonly script: readonly string[]
  readonly rows: Map<string, readonly Row[]>
}

/** Makes tables, rows, views and triggers. What the database refuses is left out. `k` only compiles. */
export async function makeWorld(engine: Engine, k: Knex, seed: string): Promise<World> {
  const random = new Random(seed, 'schema')
  await engine.reset()
  const builder = new WorldBuilder(engine, k, random, makeTables(random, engine.dialect))
  await builder.build()
  return builder
}

class WorldBuilder implements World {
  schema: Schema
  readonly script: string[] = []
  readonly rows = new Map<string, readonly Row[]>()
  readonly #engine: Engine
  readonly #k: Knex
  readonly #random: Random

  constructor(engine: Engine, k: Knex, random: Random, schema: Schema) {
    this.#engine = engine
    this.#k = k
    this.#random = random
    this.schema = schema
  }

  async build(): Promise<void> {
    const tables: Table[] = []
    for (const table of this.schema.tables) {
      if (table.partOf === undefined) tables.push(await this.#table(table))
      else tables.push(table)
    }
    this.schema = { ...this.schema, tables }
    for (const table of tables) await this.#fill(table)
    const views: View[] = []
    for (let i = this.#random.between(1, 3); i > 0; i--) {
      const view = makeView(this.#draw(), i)
      if (await this.#all(view.sql)) views.push(view)
      this.schema = { ...this.schema, views: [...views] }
    }
    const triggers: Trigger[] = []
    for (let i = this.#random.int(3); i > 0; i--) {
      const trigger = makeTrigger(this.#draw(), i)
      if (trigger !== undefined && (await this.#all(trigger.sql))) triggers.push(trigger)
    }
    this.schema = { ...this.schema, triggers }
  }

  #draw(): Draw {
    return new Draw(this.#random, this.schema, this.#k, this.rows)
  }

  async #table(table: Table): Promise<Table> {
    const linked = createTable(this.schema, table, true)
    let made = table
    if (!(await this.#try(linked))) {
      made = { ...table, foreignKeys: [] }
      await this.#run(createTable(this.schema, made, false))
    }
    for (const part of made.parts) await this.#run(part)
    return made
  }

  async #fill(table: Table): Promise<void> {
    const q = (name: string): string => quote(this.schema.dialect, name)
    for (let i = this.#random.between(5, 10); i > 0; i--) {
      const row = newRow(this.#draw(), table)
      const names = Object.keys(row)
      if (names.length === 0) continue
      const values = Object.values(row).map((value) => literal(this.schema.dialect, value))
      await this.#try(
        `insert into ${q(table.name)} (${names.map(q).join(', ')}) values (${values.join(', ')})`,
      )
    }
    this.rows.set(table.name, await this.#engine.rows(`select * from ${q(table.name)}`, []))
  }

  async #all(statements: readonly string[]): Promise<boolean> {
    for (const sql of statements) if (!(await this.#try(sql))) return false
    return true
  }

  async #try(sql: string): Promise<boolean> {
    try {
      await this.#run(sql)
      return true
    } catch {
      return false
    }
  }

  async #run(sql: string): Promise<void> {
    try {
      await this.#engine.execute(sql)
    } catch (error) {
      throw new Error(`The database refuses ${sql}`, { cause: error })
    }
    this.script.push(sql)
  }
}

import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Footprint } from '../../src/contract/footprint.ts'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery, compiled, rowsOf } from '../support/matrix/analyse.ts'
import { readShapes } from '../support/matrix/reads.ts'
import { createMatrixSchema, seedMatrix, shapesFor } from '../support/matrix/schema.ts'
import { writeShapes } from '../support/matrix/writes.ts'

describeDatabases('the database itself as the judge of footprints', (name) => {
  if (name === 'mysql') {
    test.skip('MariaDB has no such oracle')
    return
  }
  let database: TestDatabase
  let knex: Knex
  let analyser: StatementAnalyser
  let sent: { sql: string; bindings: readonly unknown[] }[] = []

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory({ ...database.config, pool: { min: 1, max: 1 } })
    await createMatrixSchema(knex, database.dialect)
    await seedMatrix(knex)
    analyser = new StatementAnalyser(database.dialect)
    await analyser.load(catalogQuery(knex))
  })

  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  test('reads and writes cover what the database opens', async () => {
    const record = (query: { sql: string; bindings?: readonly unknown[] }): void => {
      // The matrix is filled by many statements in one message.
      for (const sql of query.sql.split(';\n')) sent.push({ sql, bindings: query.bindings ?? [] })
    }
    knex.on('query', record)
    for (const shape of shapesFor(readShapes, database.dialect)) await shape.query(knex)
    const plain = shapesFor(writeShapes, database.dialect).filter(
      (shape) => shape.restore === undefined,
    )
    for (const shape of plain) {
      await seedMatrix(knex)
      await shape.write(knex)
    }
    knex.removeListener('query', record)
    const statements = new Map(sent.map((query) => [query.sql, query.bindings]))
    sent = []
    const missed: string[] = []
    let judged = 0
    for (const [sql, bindings] of statements) {
      const truth = await (name === 'sqlite'
        ? explainSqlite(knex, sql, bindings)
        : locksOf(knex, sql, bindings))
      if (truth === undefined) continue
      judged += 1
      const footprint = analyser.footprint(sql)
      // What a write reads to check its foreign keys is of no interest.
      const query = footprint.every((statement) => statement.selects)
      for (const table of query ? truth.reads : [])
        if (!covers(footprint, 'reads', table)) missed.push(`read ${table}: ${sql}`)
      for (const table of truth.writes)
        if (!covers(footprint, 'writes', table)) missed.push(`write ${table}: ${sql}`)
    }
    expect(missed).toEqual([])
    expect(judged).toBeGreaterThan(150)
  }, 120_000)

  test('the oracle finds a table that is missing', async () => {
    const truth = await (name === 'sqlite'
      ? explainSqlite(knex, 'delete from users', [])
      : locksOf(knex, 'delete from users', []))
    expect(truth?.writes.has('posts')).toBe(true)
    expect(
      covers(new StatementAnalyser(database.dialect).footprint('select 1'), 'reads', 'posts'),
    ).toBe(false)
  })

  test('compiled text is what is sent', () => {
    expect(compiled(knex('posts').select('id'))).toMatch(/^select .id. from .posts.$/)
  })
})

interface Truth {
  readonly reads: ReadonlySet<string>
  readonly writes: ReadonlySet<string>
}

function covers(footprint: Footprint, side: 'reads' | 'writes', table: string): boolean {
  return footprint.some((statement) => {
    const tables = statement[side]
    return tables === 'everything' || tables.has(table)
  })
}

/** The tables whose pages SQLite's byte code opens; undefined for what cannot be explained. */
async function explainSqlite(
  knex: Knex,
  sql: string,
  bindings: readonly unknown[],
): Promise<Truth | undefined> {
  const roots = new Map<number, string>()
  for (const row of rowsOf(
    await knex.raw('select tbl_name, rootpage from sqlite_master where rootpage > 0'),
  )) {
    roots.set(Number(row['rootpage']), String(row['tbl_name']).toLowerCase())
  }
  const reads = new Set<string>()
  const writes = new Set<string>()
  let listing: readonly Record<string, unknown>[]
  try {
    listing = rowsOf(await knex.raw(`explain ${sql}`, bindings as Knex.RawBinding[]))
  } catch {
    return undefined
  }
  for (const { opcode, p1, p2 } of listing) {
    const table = roots.get(Number(opcode === 'Clear' || opcode === 'Destroy' ? p1 : p2))
    if (table === undefined || table.startsWith('sqlite_')) continue
    if (opcode === 'OpenRead') reads.add(table)
    if (opcode === 'OpenWrite' || opcode === 'Clear') writes.add(table)
  }
  return { reads, writes }
}

/** The relations that PostgreSQL locks while it runs a statement; undefined where it fails alone. */
async function locksOf(
  knex: Knex,
  sql: string,
  bindings: readonly unknown[],
): Promise<Truth | undefined> {
  if (
    /^\s*(?:begin|commit|rollback|savepoint|release|prepare|execute|deallocate|alter|create|drop|refresh)/i.test(
      sql,
    )
  )
    return undefined
  const reads = new Set<string>()
  const writes = new Set<string>()
  const undo = new Error('undo')
  try {
    await knex.transaction(async (trx) => {
      await trx.raw(sql.replace(/\$\d+/g, '?'), bindings as Knex.RawBinding[])
      const held = rowsOf(
        await trx.raw(
          `select c.relname, l.mode from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
           where l.pid = pg_backend_pid() and n.nspname = 'public' and c.relkind in ('r', 'p', 'm', 'v')`,
        ),
      )
      for (const row of held) {
        const target =
          row['mode'] === 'AccessShareLock' || row['mode'] === 'RowShareLock' ? reads : writes
        target.add(String(row['relname']))
      }
      throw undo
    })
  } catch (error) {
    if (error !== undo) return undefined
  }
  return { reads, writes }
}

import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/contract/dialect.ts'
import type { StatementFootprint } from '../../src/contract/footprint.ts'
import { Catalog } from '../../src/sql/catalog/catalog.ts'
import { unknownParts } from '../../src/sql/catalog/parts.ts'
import { TableBuilder } from '../../src/sql/catalog/table-builder.ts'
import { defaultRules } from '../../src/sql/lexical-rules.ts'
import { statementFootprint } from '../../src/sql/statement.ts'
import { tokenize } from '../../src/sql/tokenize.ts'

/** Words that name a table without quotes. */
const names: Readonly<Record<Dialect, string>> = {
  sqlite: `temp temporary local global only lateral ignore quick if window offset fetch minus left right full cross natural for force use
    partition lock replace merge truncate call`,
  postgres: `temp temporary unlogged local global if exists values minus ignore set force use partition lock insert replace merge update
    delete truncate call`,
  mysql: 'temp temporary local global only lateral quick window offset minus full merge truncate',
}

function footprint(dialect: Dialect, tables: readonly string[], sql: string): StatementFootprint {
  const catalog = new Catalog({
    ...unknownParts(defaultRules(dialect)),
    tables: tables.map((name) => new TableBuilder(name).build()),
    hiddenRoutines: false,
    hiddenTriggers: false,
    schemaTriggers: false,
    incomplete: false,
  })
  return statementFootprint(tokenize(sql, catalog.rules).tokens, catalog)
}

const has = (tables: StatementFootprint['reads'], name: string): boolean =>
  tables === 'everything' || tables.has(name)

const listed = (tables: StatementFootprint['reads']): string =>
  tables === 'everything' ? '*' : [...tables].sort().join()

for (const dialect of ['sqlite', 'postgres', 'mysql'] as const) {
  describe(`tables with the names of keywords [${dialect}]`, () => {
    for (const name of names[dialect].split(/\s+/)) {
      test(name, () => {
        for (const sql of [
          `select * from ${name} where x = 1`,
          `select * from ${name} t`,
          `select * from ${name}`,
          `select * from posts, ${name} order by 1`,
          `select * from posts join ${name} on 1=1`,
          `select * from (${name})`,
        ])
          expect(has(footprint(dialect, ['posts', name], sql).reads, name), sql).toBe(true)
        for (const sql of [
          `insert into ${name} (id) values (1)`,
          `insert into ${name} values (1)`,
          `update ${name} set x = 1`,
          `delete from ${name} where x = 1`,
          `delete from ${name}`,
          `alter table ${name} add column x int`,
        ])
          expect(has(footprint(dialect, ['posts', name], sql).writes, name), sql).toBe(true)
      })
    }
  })
}

describe('words before a table stay what they are', () => {
  const cases: [Dialect, string, reads: string, writes: string][] = [
    ['postgres', 'select * from only posts', 'posts', ''],
    ['postgres', 'select * from a, lateral (select * from posts) l', 'a,posts', ''],
    ['postgres', 'select * into temp made from posts', 'posts', 'made'],
    ['postgres', 'update only posts set x = 1', '', 'posts'],
    ['mysql', 'update low_priority ignore posts set x = 1', '', 'posts'],
    ['mysql', 'delete quick from posts', '', 'posts'],
    ['mysql', 'delete quick p from posts p', 'posts', 'posts'],
    // Either may be meant.
    ['postgres', 'select * into temp made from temp', '*', '*'],
    ['mysql', 'delete quick p from posts p join quick on 1=1', '*', '*'],
  ]
  for (const [dialect, sql, reads, writes] of cases) {
    test(`${dialect}: ${sql}`, () => {
      const tables = sql.includes('join quick') ? ['posts', 'quick'] : ['posts', 'a']
      const known = sql.includes('from temp') ? [...tables, 'temp'] : tables
      const found = footprint(dialect, known, sql)
      expect([listed(found.reads), listed(found.writes)]).toEqual([reads, writes])
    })
  }

  test('WITH in a list of tables is no table', () => {
    for (const dialect of ['sqlite', 'postgres', 'mysql'] as const) {
      const sql = 'select * from (with p as (select * from posts) select * from p) y'
      expect(listed(footprint(dialect, ['posts'], sql).reads)).toBe('posts')
    }
  })
})

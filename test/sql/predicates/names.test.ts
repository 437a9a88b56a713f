import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { exactTokens } from '../../../src/sql/predicates/exact-tokens.ts'
import { tableUses } from '../../../src/sql/predicates/table-uses.ts'
import { catalogOf, shownUses } from './shop.fixture.ts'

function check(
  dialect: Dialect,
  tables: Readonly<Record<string, string>>,
  cases: Readonly<Record<string, string>>,
): void {
  const catalog = catalogOf(dialect, tables)
  const found: Record<string, string> = {}
  for (const sql of Object.keys(cases)) {
    const tokens = exactTokens(sql, catalog.rules)
    found[sql] = tokens === undefined ? 'not read' : shownUses(tableUses(tokens, catalog))
  }
  expect(found).toEqual(cases)
}

const cased = {
  up: '#ID:integer! #userId:integer v',
  low: '#id:integer! v',
  both: '#id:integer! #ID:integer! #k:integer',
}

describe('names that a server tells apart', () => {
  test('PostgreSQL: columns that differ in case', () => {
    check('postgres', cased, {
      'select * from up where "ID" = 7': 'up[id=7]',
      'select * from up where up."userId" in (1, 2)': 'up[userid=(1|2)]',
      'select * from up where id = 7': '',
      'select * from up where up.userId = 7': '',
      'select * from low where ID = 7': 'low[id=7]',
      'select * from low where "ID" = 7': '',
      // The one outside is meant.
      'select * from low where exists (select 1 from up where id = 7)': '',
      'select * from up join low on "ID" = 7 where low.id = 7': 'low[id=7]',
      'select * from up join low on up."ID" = low.id where low.id = 7': 'low[id=7] up[id=7]',
      'select * from both where id = 7 and k = 1': 'both[k=1]',
      'select * from up join low using (id) where low.id = 7': 'low[id=7]',
    })
  })

  test('SQLite and MySQL: columns that differ in case are one', () => {
    for (const dialect of ['sqlite', 'mysql'] as const)
      check(dialect, cased, {
        'select * from up where id = 7': 'up[id=7]',
        'select * from low where exists (select 1 from up where iD = 7)': 'up[id=7]',
      })
  })

  test('columns that differ beyond ASCII', () => {
    const tables = { up: '#É:integer! v', low: '#é:integer! v' }
    for (const dialect of ['sqlite', 'postgres'] as const)
      check(dialect, tables, {
        'select * from low where "é" = 7': 'low[é=7]',
        'select * from up where "é" = 7': '',
        'select * from up where "É" = 7': 'not read',
        'select * from low where exists (select 1 from up where é = 7)': '',
      })
  })

  test('aliases that differ beyond ASCII', () => {
    for (const dialect of ['sqlite', 'postgres', 'mysql'] as const)
      check(dialect, cased, {
        'select * from up \u212a where exists (select 1 from low k where \u212a.id = 2)':
          'not read',
      })
  })
})

describe('columns that are not known', () => {
  test('a table without columns may have any', () => {
    const tables = { docs: '', a: '#id:integer! v', b: '#id:integer! v' }
    check('sqlite', tables, {
      'select * from a join b using (id) where b.id = 7': 'a[id=7] b[id=7]',
      'select * from docs d join a on 1=1 join b using (id) where b.id = 7': 'b[id=7]',
      'select * from docs, a where id = 7': '',
      'select * from docs, a where a.id = 7': 'a[id=7]',
    })
  })

  test('SQLite and MySQL may have a table named lateral', () => {
    const tables = { lateral: '#id:integer! v', l: '#id:integer! v' }
    for (const dialect of ['sqlite', 'mysql'] as const)
      check(dialect, tables, {
        'select * from lateral where id = 7': 'lateral[id=7]',
        'select * from lateral l where l.id = 7': 'lateral[id=7]',
        'select * from lateral l where exists (select 1 from lateral where id = 7)': '',
      })
  })
})

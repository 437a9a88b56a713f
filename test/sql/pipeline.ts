import type { Dialect } from '../../src/contract/dialect.ts'
import type { StatementFootprint } from '../../src/contract/footprint.ts'
import { Catalog } from '../../src/sql/catalog/catalog.ts'
import { unknownParts } from '../../src/sql/catalog/parts.ts'
import { TableBuilder } from '../../src/sql/catalog/table-builder.ts'
import { defaultRules } from '../../src/sql/lexical-rules.ts'
import { splitStatements } from '../../src/sql/split-statements.ts'
import { statementFootprint } from '../../src/sql/statement.ts'
import { tokenize } from '../../src/sql/tokenize.ts'

/** A small catalog made by hand: some tables, a view of two, a cascade. */
export function handMadeCatalog(dialect: Dialect): Catalog {
  return new Catalog({
    ...unknownParts(defaultRules(dialect)),
    currentDatabase: 'shop',
    tables: ['a', 'b', 'c', 'users', 'posts', 'tags'].map((name) => table(name)),
    views: [
      {
        name: 'v',
        definition: 'select * from a join b on a.id = b.id',
        bases: [],
        functions: [],
        materialized: false,
      },
    ],
    cascades: [
      {
        parent: 'users',
        child: 'posts',
        onDelete: 'cascade',
        onUpdate: 'cascade',
        parentColumns: ['id'],
        childColumns: ['user_id'],
      },
    ],
    references: [['users', 'posts']],
    hiddenRoutines: false,
    hiddenTriggers: false,
    schemaTriggers: false,
    incomplete: false,
  })
}

function table(name: string): ReturnType<TableBuilder['build']> {
  const builder = new TableBuilder(name)
  for (const column of ['id', 'name', 'user_id']) {
    builder.addColumn({
      name: column,
      type: 'integer',
      family: 'integer',
      nullable: true,
      hasDefault: false,
      generated: false,
      kind: 'integer',
      absentIsNull: true,
      selfFilling: false,
    })
  }
  return builder.build()
}

/** Footprints on the hand-made catalog, without the analyser's safety net: what throws inside, throws here. */
export function footprints(dialect: Dialect, sql: string): StatementFootprint[] {
  const catalog = handMadeCatalog(dialect)
  const { tokens } = tokenize(sql, catalog.rules)
  return splitStatements(tokens, dialect).map((statement) => statementFootprint(statement, catalog))
}

import knexFactory, { type Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'
import type { RowFilter, TableUse, ValueSource } from '../../../src/contract/rows.ts'
import { Catalog } from '../../../src/sql/catalog/catalog.ts'
import { unknownParts } from '../../../src/sql/catalog/parts.ts'
import { TableBuilder } from '../../../src/sql/catalog/table-builder.ts'
import { defaultRules } from '../../../src/sql/lexical-rules.ts'
import type { KeyKind } from '../../../src/sql/predicates/canonical.ts'
import { exactTokens } from '../../../src/sql/predicates/exact-tokens.ts'
import { tableUses } from '../../../src/sql/predicates/table-uses.ts'

/** Columns as `name:kind`, `!` for NOT NULL, `#` for a key column. Without a kind they do not compare exactly. */
const tables: Readonly<Record<string, string>> = {
  orgs: '#id:integer! #code:text name',
  users: '#id:integer! #org_id:integer #email:text name age',
  posts: '#id:integer! #user_id:integer #slug:text title status',
  comments: '#id:integer! #post_id:integer #user_id:integer #parent_id:integer body',
  tags: '#id:integer! #name:text',
  post_tags: '#post_id:integer! #tag_id:integer!',
  sessions: '#token:uuid! #user_id:integer',
}

/** A catalog made by hand: a small blog, and what can lie behind names. */
export function shopCatalog(dialect: Dialect): Catalog {
  return catalogOf(dialect, tables)
}

/** A catalog of these tables, with a view `v_tags` of `tags` and a function `count_posts()` that reads `posts`. */
export function catalogOf(dialect: Dialect, described: Readonly<Record<string, string>>): Catalog {
  return new Catalog({
    ...unknownParts(defaultRules(dialect)),
    currentDatabase: 'shop',
    tables: Object.entries(described).map(([name, columns]) => build(name, columns)),
    views: [
      {
        name: 'v_tags',
        definition: 'select * from tags',
        bases: [],
        functions: [],
        materialized: false,
      },
    ],
    routines: [
      {
        name: 'count_posts',
        body: 'select count(*) from posts',
        volatility: 'stable',
        tableless: false,
      },
    ],
    hiddenRoutines: false,
    hiddenTriggers: false,
    schemaTriggers: false,
    incomplete: false,
  })
}

function build(name: string, columns: string): ReturnType<TableBuilder['build']> {
  const builder = new TableBuilder(name)
  // No columns: those of a virtual table are not known.
  for (const text of columns.split(' ').filter((each) => each !== '')) {
    const [, key, column = '', kind, required] = /^(#?)([^:!]+?)(?::(\w+))?(!?)$/.exec(text) ?? []
    builder.addColumn({
      name: column,
      type: kind ?? 'blob',
      family: 'other',
      nullable: required !== '!',
      hasDefault: false,
      generated: false,
      kind: kind as KeyKind | undefined,
      absentIsNull: true,
      selfFilling: false,
    })
    if (key === '#') builder.addUnique(column, column)
  }
  return builder.build()
}

const clients: Readonly<Record<Dialect, string>> = {
  sqlite: 'better-sqlite3',
  postgres: 'pg',
  mysql: 'mysql2',
}

/** A Knex that compiles for the dialect and is connected to nothing. */
export function knexOf(dialect: Dialect): Knex {
  return knexFactory({ client: clients[dialect], useNullAsDefault: true })
}

/** The uses of a text on the catalog made by hand, in short; `?` is written as the dialect writes it. */
export function usesOf(dialect: Dialect, sql: string): string {
  const catalog = shopCatalog(dialect)
  const tokens = exactTokens(native(dialect, sql), catalog.rules)
  return tokens === undefined ? '' : shownUses(tableUses(tokens, catalog))
}

/** With `$1`, `$2` ... for PostgreSQL, as Knex does it: `\?` stays a question mark, and strings are not looked at. */
export function native(dialect: Dialect, sql: string): string {
  if (dialect !== 'postgres' || sql.includes('$1')) return sql
  let count = 0
  return sql.replaceAll(/\\?\?/g, (mark) => (mark === '?' ? `$${(count += 1)}` : '?'))
}

/** `posts[user_id=?0] users[id=(1|2) & email=null]`, sorted. */
export function shownUses(uses: readonly TableUse[]): string {
  return uses
    .map((use) => `${use.table}[${shownFilter(use.filter)}]`)
    .sort()
    .join(' ')
}

/** A filter in short. */
export function shownFilter(filter: RowFilter): string {
  switch (filter.op) {
    case 'every':
    case 'none':
      return filter.op
    case 'null':
      return `${filter.column.name}=null`
    case 'equals': {
      const values = filter.values.map(shownValue)
      return `${filter.column.name}=${values.length === 1 ? values.join('') : `(${values.join('|')})`}`
    }
    case 'and':
    case 'or': {
      const parts = filter.of.map((part) =>
        part.op === 'and' || part.op === 'or' ? `(${shownFilter(part)})` : shownFilter(part),
      )
      return parts.sort().join(filter.op === 'and' ? ' & ' : ' | ')
    }
  }
}

function shownValue(value: ValueSource): string {
  return value.from === 'binding' ? `?${value.index}` : value.from === 'null' ? 'null' : value.value
}

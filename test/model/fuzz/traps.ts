import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Draw, Scope } from './draw.ts'
import type { Value } from './kind.ts'

/**
 * A condition as raw SQL, of the kind that a hasty reader of SQL takes for something else. `{c}` is a column, `{d}` another one of
 * its group, `{v}` a bound value for `{c}`, `{l}` one that is written out.
 */
interface Trap {
  readonly sql: string
  readonly group?: 'number' | 'text'
  readonly on?: readonly Dialect[]
}

const [sqlite, postgres, mysql] = ['sqlite', 'postgres', 'mysql'] as const
const loose = { on: [sqlite, mysql] } as const

const traps: readonly Trap[] = [
  ...['{c} = {v}', '{v} = {c}', '({c} = {v})', '(({c})) = ({v})', '{c} = {l}', '{l} = {c}'].map(
    (sql) => ({ sql }),
  ),
  ...[
    '{c} in ({l}, {v})',
    '{c} in ({l})',
    '({c}) in ({v}, {v}, null)',
    '{c} not in ({v}, {l})',
  ].map((sql) => ({ sql })),
  { sql: '{c} = {v} and {d} = {c}' },
  { sql: '{c} = {v} or {c} = {v}' },
  { sql: '{c} = {v} and {c} = {v} or {c} = {v}' },
  { sql: '{c} = {v} or {c} = {v} and 1 = 0' },
  { sql: '({c} = {v} or {c} is null) and ({d} is not null or {c} = {v})' },
  { sql: 'not {c} = {v}' },
  { sql: 'not ({c} = {v} and {d} is null)' },
  { sql: 'not (not {c} = {v})' },
  { sql: 'not ({c} <> {v})' },
  { sql: 'not {c} in ({v}, {l})' },
  { sql: 'not ({c} = {v} or {c} = {l})' },
  { sql: '({c} = {v}) is true' },
  { sql: '({c} = {v}) is not true' },
  { sql: '({c} = {v}) is false' },
  { sql: '({c} = {v}) is null' },
  { sql: '({c} = {v}) is not null' },
  { sql: '{c} = {v} or 1 = 1' },
  { sql: '1 = 1' },
  { sql: '1 = 0 and {c} = {v}' },
  { sql: '1 = 0 or {c} = {v}' },
  { sql: '{c} = null' },
  { sql: '{c} is null or {c} = {v}' },
  { sql: '{c} is null and {d} is null' },
  { sql: 'coalesce({c}, {v}) = {v}' },
  { sql: 'nullif({c}, {v}) is null' },
  { sql: 'case when {c} = {v} then 1 else 0 end = 1' },
  { sql: 'case when {c} = {v} then 1 else 0 end = 0' },
  { sql: 'case {c} when {v} then 0 else 1 end = 1' },
  { sql: 'case when {c} = {v} then {d} else {c} end = {v}' },
  { sql: '{c} between {v} and {v}' },
  { sql: '{c} not between {v} and {v} and {d} = {c}' },
  { sql: '{c} between {l} and {l} or {c} = {v}' },
  { sql: '({c}, {d}) = ({v}, {l})' },
  { sql: '({c}, {d}) in (({v}, {v}), ({l}, {l}))', on: [postgres, mysql] },
  { sql: '({c}, {d}) in (values ({v}, {v}), ({l}, {l}))', on: [sqlite, postgres] },
  { sql: '{c} /* = 1 or */ = /* 2 */ {v}' },
  { sql: '{c} = {v} -- or 1 = 0\n' },
  { sql: '({c} = {v}) = ({d} = {v})' },
  { sql: '({c} = {v}) <> ({d} = {l})' },
  { sql: '{c} + 0 = {v}', group: 'number' },
  { sql: '{c} = {v} + 1', group: 'number' },
  { sql: '{c} = 2 - 1', group: 'number' },
  { sql: '{c} = 6 / 2', group: 'number' },
  { sql: '{c} = 1 + {v}', group: 'number' },
  { sql: '{c} = - -3', group: 'number' },
  { sql: '-{c} = -3', group: 'number' },
  { sql: '{c} * 2 = 6', group: 'number' },
  { sql: '{c} % 2 = 1', group: 'number' },
  { sql: '{c} = 1 & 3', group: 'number', ...loose },
  { sql: '{c} = 1 | 2', group: 'number', ...loose },
  { sql: 'abs({c}) = {v}', group: 'number' },
  { sql: '{c} >= {v} and {c} <= {v}', group: 'number' },
  { sql: 'lower({c}) = {l}', group: 'text' },
  { sql: `{c} like '%a%'`, group: 'text' },
  { sql: `{c} like 'a'`, group: 'text' },
  { sql: `{c} not like '_'`, group: 'text' },
  { sql: `{c} = {l} || 'b'`, group: 'text' },
  { sql: `{c} || '' = {l}`, group: 'text', on: [sqlite, postgres] },
  { sql: `concat({c}, '') = {l}`, group: 'text', on: [postgres, mysql] },
  { sql: 'length({c}) = 1', group: 'text' },
  { sql: '{c} = {v} = 0', ...loose },
  { sql: '{c} = {v} = 1', ...loose },
  { sql: '{c} = {l} in (0)', ...loose },
  { sql: '{c} = {l} is null', ...loose },
  { sql: '0 = {c} = {v}', ...loose },
  { sql: '{c} = {v} <> 1', ...loose },
  { sql: '{c} = {v} < 1', ...loose },
  { sql: '{c} = {v} || {c} = {v}', on: [mysql] },
  { sql: '{c} = {v} && {c} = {v} || {d} = {l}', on: [mysql] },
  { sql: '{c} = {v} xor {d} = {l}', on: [mysql] },
  { sql: '!({c} = {v})', on: [mysql] },
  { sql: '! {c} = {v}', on: [mysql] },
  { sql: '{c} <=> {v}', on: [mysql] },
  { sql: '{c} <=> null', on: [mysql] },
  { sql: 'not ({c} <=> {v})', on: [mysql] },
  { sql: 'isnull({c})', on: [mysql] },
  { sql: 'ifnull({c}, {v}) = {v}', ...loose },
  { sql: 'binary {c} = {l}', on: [mysql] },
  { sql: '{c} = binary {l}', on: [mysql] },
  { sql: `{c} = _utf8mb4'a' collate utf8mb4_bin`, group: 'text', on: [mysql] },
  { sql: `{c} collate utf8mb4_unicode_ci = {l}`, group: 'text', on: [mysql] },
  { sql: `{c} = 'a' 'b'`, group: 'text', on: [mysql] },
  { sql: `{c} = "a"`, group: 'text', on: [mysql] },
  { sql: `{c} = n'a'`, group: 'text', on: [mysql, postgres] },
  { sql: `{c} = x'61'`, group: 'text', ...loose },
  { sql: `{c} = 0x61`, group: 'text', on: [mysql] },
  { sql: `{c} = 'a\\'`, group: 'text', on: [sqlite, postgres] },
  { sql: `{c} = '\\a'`, group: 'text', on: [mysql] },
  { sql: '{c} = {v} /*!50000 or {c} = {l} */', on: [mysql] },
  { sql: '{c} = {v} /*!99999 or {c} = {l} */', on: [mysql] },
  { sql: '{c} = {v} # or {c} = 1\n', on: [mysql] },
  { sql: '{c} = 2--1', group: 'number', on: [mysql] },
  { sql: '{c} regexp {l}', group: 'text', on: [mysql] },
  { sql: '{c} sounds like {l}', group: 'text', on: [mysql] },
  { sql: '{c} div 2 = 1', group: 'number', on: [mysql] },
  { sql: 'if({c} = {v}, 1, 0) = 0', on: [mysql] },
  { sql: '{c} = {v} is unknown', on: [mysql] },
  { sql: '{c} = any (array[{l}, {l}])', on: [postgres] },
  { sql: '{c} <> all (array[{l}, {l}])', on: [postgres] },
  { sql: '{c} = some (array[{l}])', on: [postgres] },
  { sql: '{c} is not distinct from {v}', on: [postgres] },
  { sql: '{c} is distinct from {v}', on: [postgres] },
  { sql: '{c} is not distinct from {l}', on: [sqlite, postgres] },
  { sql: '({c} = {v}) is unknown', on: [postgres] },
  { sql: '{c} = {v}::int', group: 'number', on: [postgres] },
  { sql: '{c} = {v}::int::bigint', group: 'number', on: [postgres] },
  { sql: '{c}::text = {l}', group: 'text', on: [postgres] },
  { sql: `{c}::text = '3'`, group: 'number', on: [postgres] },
  { sql: `cast({c} as text) = '3'`, group: 'number', on: [sqlite, postgres] },
  { sql: `{c} = cast('3' as int)`, group: 'number', on: [sqlite, postgres] },
  { sql: `{c} = {l} collate "C"`, group: 'text', on: [postgres] },
  { sql: `{c} collate ext.blind = {l}`, group: 'text', on: [postgres] },
  { sql: `{c} = e'\\x61'`, group: 'text', on: [postgres] },
  { sql: `{c} = u&'\\0061'`, group: 'text', on: [postgres] },
  { sql: '{c} = $$a$$', group: 'text', on: [postgres] },
  { sql: `{c} = 'a'\n'b'`, group: 'text', on: [postgres] },
  { sql: `{c} ilike 'A'`, group: 'text', on: [postgres] },
  { sql: `{c} ~ 'a'`, group: 'text', on: [postgres] },
  { sql: '{c} operator(pg_catalog.=) {v}', group: 'number', on: [postgres] },
  { sql: '({c} = {v})::int = 0', on: [postgres] },
  { sql: 'row({c}, {d}) = row({v}, {l})', on: [postgres] },
  { sql: '({c} = {v}) >= ({d} = {l})', on: [postgres] },
  { sql: '{c} == {v}', on: [sqlite] },
  { sql: '{c} is {v}', on: [sqlite] },
  { sql: '{c} is not {v}', on: [sqlite] },
  { sql: '{c} is not {l} or {c} is null', on: [sqlite] },
  { sql: '{c} isnull', on: [sqlite, postgres] },
  { sql: '{c} notnull and {c} = {v}', on: [sqlite, postgres] },
  { sql: '{c} not null', on: [sqlite] },
  { sql: '+{c} = {v}', on: [sqlite] },
  { sql: '{c} = {v} collate nocase', on: [sqlite] },
  { sql: '{c} collate rtrim = {l}', on: [sqlite] },
  { sql: '{c} collate binary = {l} collate nocase', on: [sqlite] },
  { sql: `{c} glob 'a*'`, group: 'text', on: [sqlite] },
  { sql: '{c} in ()', on: [sqlite] },
  { sql: '{c} not in ()', on: [sqlite] },
  { sql: 'iif({c} = {v}, 0, 1)', on: [sqlite] },
  { sql: `{c} = '3' || ''`, group: 'number', on: [sqlite] },
  { sql: `{c} = 1 || 2`, group: 'number', on: [sqlite] },
  { sql: '{c} = {v} between 0 and 0', on: [sqlite] },
  { sql: '{c} = ~ -4', group: 'number', ...loose },
]

/** A raw condition on columns in scope; undefined where there is no column for it. */
export function trap(draw: Draw, scope: Scope): { sql: string; bindings: unknown[] } | undefined {
  const { random, dialect } = draw
  const fitting = traps.filter(({ on }) => on === undefined || on.includes(dialect))
  const { sql, group } = random.pick(fitting)
  const first = draw.reference(scope, ({ kind }) => group === undefined || kind.group === group)
  if (first === undefined) return undefined
  const { kind } = first.column
  const second = draw.reference(scope, (column) => column.kind.group === kind.group) ?? first
  const bindings: unknown[] = []
  const text = sql.replaceAll(/\{(.)\}/g, (_, what: string) => {
    switch (what) {
      case 'c':
      case 'd':
        bindings.push((what === 'c' ? first : second).name)
        return '??'
      case 'v': {
        const value: Value = draw.value(first.column, first.source)
        bindings.push(value)
        return '?'
      }
      default:
        return kind.literals.length === 0 ? 'null' : random.pick(kind.literals)
    }
  })
  return { sql: text, bindings }
}

import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { defaultRules } from '../../../src/sql/lexical-rules.ts'
import type { ColumnName, Condition } from '../../../src/sql/predicates/condition.ts'
import { exactTokens } from '../../../src/sql/predicates/exact-tokens.ts'
import { readCondition } from '../../../src/sql/predicates/read-condition.ts'
import { TokenReader } from '../../../src/sql/predicates/token-reader.ts'

const columnText = ({ qualifier, name }: ColumnName): string =>
  qualifier === undefined ? name : `${qualifier}.${name}`

function shown(condition: Condition): string {
  switch (condition.op) {
    case 'opaque':
      return '_'
    case 'never':
      return 'never'
    case 'null':
      return `${columnText(condition.column)}=null`
    case 'same':
      return `${columnText(condition.left)}=${columnText(condition.right)}`
    case 'equals': {
      const values = condition.values.map((value) =>
        value.from === 'binding'
          ? `?${value.index}`
          : value.from === 'literal'
            ? value.value
            : 'null',
      )
      return `${columnText(condition.column)}${condition.numeric ? '#' : ''}=${values.join('|')}`
    }
    case 'and':
    case 'or':
      return `${condition.op}(${condition.of.map(shown).join(' ')})`
  }
}

/** What is read, and what stands after it. */
function read(sql: string, dialect: Dialect = 'sqlite'): string {
  const reader = new TokenReader(exactTokens(sql, defaultRules(dialect)) ?? [], dialect)
  const condition = readCondition(reader)
  if (reader.gaveUp) return 'gave up'
  const rest = reader.peek()?.text
  return shown(condition) + (rest === undefined ? '' : ` then ${rest}`)
}

function check(cases: Readonly<Record<string, string>>, dialect?: Dialect): void {
  const found: Record<string, string> = {}
  for (const sql of Object.keys(cases)) found[sql] = read(sql, dialect)
  expect(found).toEqual(cases)
}

describe('conditions', () => {
  test('atoms', () => {
    check({
      'a = ?': 'a=?0',
      '? = t.a': 't.a=?0',
      'a = 5': 'a#=5',
      'a = -5': 'a#=-5',
      'a = +5': 'a#=5',
      "a = '5'": 'a=5',
      "a in (?, '2')": 'a=?0|2',
      'a in (1, ?)': 'a#=1|?0',
      'a is null': 'a=null',
      't.a = u.b': 't.a=u.b',
      '(a, b) = (?, ?)': 'and(a=?0 b=?1)',
      '(a, b) in ((?, 1), (?, ?))': 'and(a=?0|?1 b#=1|?2)',
      '(a, b) in (values (?, 1), (?, ?))': 'and(a=?0|?1 b#=1|?2)',
      'a in ()': 'never',
      '1 = 2': 'never',
      '2 = 2': '_',
      '"a" = ?': 'a=?0',
      't.select = ?': 't.select=?0',
    })
  })

  test('what is no atom is opaque', () => {
    for (const sql of [
      'a',
      'a > ?',
      'a <> ?',
      'a != ?',
      'a == ?',
      'a is not null',
      'a is ?',
      'a isnull',
      'not a = ?',
      'a not in (?)',
      'a like ?',
      'a + 1 = ?',
      '-a = ?',
      'a = ? + 1',
      'a = - ?',
      'a = - - 5',
      "a = -'5'",
      'a = 1e5',
      'a = ? collate nocase',
      'a collate nocase = ?',
      'a = ? = ?',
      'a = b = c',
      'a = f(?)',
      'f(a) = ?',
      '(a) = ?',
      'a = (?)',
      'a = null',
      'null = a',
      'a in (?, null)',
      'a in (?, b)',
      'a in (? + 1)',
      '(a, b) in ((?, ?), (?))',
      '(a, b + 1) = (?, ?)',
      'a in (select 1)',
      'exists (select a = 1)',
      'd.s.t = ?',
      'true = ?',
      'current_date = ?',
      'a -> b = ?',
      'a || b = ?',
      'a = ? || b',
      'a & 1 = ?',
      'a between ? and ?',
      'case when a = 1 then b end = 1',
      `a in (${Array.from({ length: 257 }, () => '?').join()})`,
    ])
      expect(read(sql), sql).toBe('_')
    expect(read(`a in (${Array.from({ length: 256 }, () => '?').join()})`)).toContain('?255')
  })

  test('AND binds closer than OR, everything else closer than AND', () => {
    check({
      'a = 1 and b = 2 or c = 3 and d = 4': 'or(and(a#=1 b#=2) and(c#=3 d#=4))',
      'a = 1 and (b = 2 or c = 3)': 'and(a#=1 or(b#=2 c#=3))',
      '((a = 1)) and ((b = 2) and c = 3)': 'and(a#=1 and(b#=2 c#=3))',
      'not a = 1 and b = 2': 'and(_ b#=2)',
      'not (a = 1) or b = 2': 'or(_ b#=2)',
      '(a = 1) is true and b = 2': 'and(_ b#=2)',
      '(a = 1) = (b = 2)': '_',
      'a between 1 and 2 and b = 3': 'and(_ b#=3)',
      'a between 1 and b = 3': '_',
      'a between 1 and 2 and b between 3 and 4 and c = 5': 'and(_ _ c#=5)',
      'a between b between 1 and 2 and 3 and c = 5': 'and(_ c#=5)',
      'a between 1 or 2 and b = 3': '_',
      'case when a and b then c or d end and e = 1': 'and(_ e#=1)',
      'case a when case 1 when 2 then 3 end then b and c end = 1 and e = 1': 'and(_ e#=1)',
      'case when a between 1 and 2 then b end = 1 and e = 1': 'and(_ e#=1)',
      'a is not distinct from b and c = 1': 'and(_ c#=1)',
      'f(a and b, c or d) = 1 and e = 1': 'and(_ e#=1)',
      'exists (select 1 where a or b) and e = 1': 'and(_ e#=1)',
      't.and = 1 and b = 2': 'and(t.and#=1 b#=2)',
    })
  })

  test('where it is not certain what belongs together, the whole level is opaque', () => {
    check(
      {
        'a = 1 || b = 2 and c = 3': '_',
        'a = 1 and (b = 2 || c = 3)': 'and(a#=1 _)',
        'a = 1 and b = 2 xor c = 3': '_',
        'a = 1 and (b = 2 xor c = 3)': 'and(a#=1 _)',
        'c = 3 and @a := b = 2 or d': '_',
        'a = 1 && b = 2 and c = 3': 'and(_ c#=3)',
        'a = 1 and end = 2': '_',
        'case when end then 1 or x end and id = 5': '_',
        'case when a then b': '_',
      },
      'mysql',
    )
  })

  test('it ends where its clause ends', () => {
    check({
      'a = 1 group by b': 'a#=1 then group',
      'a = 1 order by b': 'a#=1 then order',
      'a = 1 limit 5': 'a#=1 then limit',
      'a = 1 returning *': 'a#=1 then returning',
      'a = 1 union select 1': 'a#=1 then union',
      'a = 1 left join b': 'a#=1 then left',
      'a = 1) and b = 2': 'a#=1 then )',
      'a = 1; b = 2': 'a#=1 then ;',
      'a = 1, b = 2': 'a#=1 then ,',
      'a = 1 do update set b = 2': 'a#=1 then do',
      'exists (select 1 order by 2) limit 1': '_ then limit',
      // Words that end nothing where a value must follow.
      'a = limit and b = 2': 'and(a=limit b#=2)',
      'left = 1 and right = 2': 'and(left#=1 right#=2)',
      'a = 1 and x = offset or y = 1': 'or(and(a#=1 x=offset) y#=1)',
      'a like left(b, 1) and c = 2': 'and(_ c#=2)',
    })
  })

  test('it gives up where a clause may end after a column or type with the name of an operator', () => {
    for (const sql of [
      '5 = time order by b = 5 and id = 7',
      'a = 1 and 5 = time, b',
      'a = 1 and 5 = match;',
      'a = 1 and 5 = time left join b',
      'a = 1 and 5 = within group by b',
      'a is distinct from b::timestamp with time zone limit 5',
      'a collate offset = 1 and b = 2',
      'a = 1 and b !! order by c and id = 7',
    ])
      for (const dialect of ['sqlite', 'postgres', 'mysql'] as const)
        if (dialect === 'postgres' || !sql.includes('::'))
          expect(read(sql, dialect), sql).toBe('gave up')
  })

  test('it gives up where a condition cannot end, or a query begins', () => {
    for (const sql of [
      '',
      'and a = 1',
      'a = 1 and',
      'a = and b = 1',
      'a = 1 and select 1',
      'a = 1 from b',
      'a in (select 1 from b',
      '(a = 1',
      'a in b',
      'a = [1',
    ])
      expect(read(sql), sql).toBe('gave up')
    expect(read(`${'('.repeat(150)}a = 1${')'.repeat(150)}`)).toBe('a#=1')
    expect(read(`${'('.repeat(1500)}a = 1${')'.repeat(1500)}`)).toBe('gave up')
  })
})

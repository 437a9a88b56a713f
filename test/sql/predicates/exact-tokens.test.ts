import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { defaultRules } from '../../../src/sql/lexical-rules.ts'
import { exactTokens } from '../../../src/sql/predicates/exact-tokens.ts'
import { splitStatements } from '../../../src/sql/split-statements.ts'
import { tokenize } from '../../../src/sql/tokenize.ts'
import { compiled } from '../../support/matrix/analyse.ts'
import { readShapes } from '../../support/matrix/reads.ts'
import { shapesFor } from '../../support/matrix/schema.ts'
import { knexOf } from './shop.fixture.ts'

const dialects = ['sqlite', 'postgres', 'mysql'] as const

function shown(dialect: Dialect, sql: string): string | undefined {
  return exactTokens(sql, defaultRules(dialect))
    ?.map(({ kind, text, value }) => {
      if (value === undefined) return kind === 'name' ? `"${text}"` : text
      return value.from === 'binding'
        ? `?${value.index}`
        : `'${value.from === 'literal' ? value.value : ''}'`
    })
    .join(' ')
}

describe('tokens with nothing left out', () => {
  test('each placeholder is one, with the binding that it takes', () => {
    const sql = 'insert into T ("A", b) values (?, ?), (?, 5) ; select ?'
    expect(shown('sqlite', sql)).toBe(
      `insert into t ( "a" , b ) values ( ?0 , ?1 ) , ( ?2 , '5' ) ; select ?3`,
    )
    expect(shown('postgres', 'select $2, $1,$12 where a ? b')).toBe(
      'select ?1 , ?0 , ?11 where a ? b',
    )
    expect(shown('mysql', 'select ? -- nothing\n, (?)')).toBe('select ?0 , ( ?1 )')
  })

  test('a string has its value where the text is the value', () => {
    expect(shown('sqlite', `'it''s' "a""b" 'c:\\d'`)).toBe(`'it's' "a"b" 'c:\\d'`)
    expect(shown('postgres', `'a' E'a' $x$it's$x$`)).toBe(`'a' a 'it's'`)
    expect(shown('mysql', `"a""b" 'a\\'b' \`x\``)).toBe(`'a"b' a\\'b "x"`)
  })

  test('a number has its value where it is decimal', () => {
    expect(shown('sqlite', '5 05 1.50 .5 1. 1e3 0x1f')).toBe(`'5' '05' '1.50' '.5' '1.' 1e3 0x1f`)
  })

  test('what is not certain is no text', () => {
    const doubtful: Readonly<Record<Dialect, readonly string[]>> = {
      sqlite: ['?1', ':a', '@a', '$a', 'x\0y', "'open", 'a\u00a0b'],
      postgres: ['?1', '$0', 'U&"a"', "'open", '$a$ open', 'a\u00a0b'],
      mysql: [
        '/*! x */',
        "'?'",
        '"?"',
        '`?`',
        '-- ?',
        '# ?',
        '/* ? */',
        '??',
        '?a',
        'a?',
        "?'a'",
        '@?',
      ],
    }
    for (const dialect of dialects)
      for (const sql of doubtful[dialect]) expect(shown(dialect, sql), sql).toBeUndefined()
    expect(shown('mysql', '(?,?)=?;')).toBe('( ?0 , ?1 ) = ?2 ;')
  })

  for (const dialect of dialects) {
    test(`places in the text [${dialect}]`, () => {
      const knex = knexOf(dialect)
      const mark = { sqlite: '?', postgres: /^\$\d+$/, mysql: '?' }[dialect]
      for (const shape of shapesFor(readShapes, dialect)) {
        const sql = compiled(shape.query(knex))
        let end = 0
        for (const token of exactTokens(sql, defaultRules(dialect)) ?? []) {
          const text = sql.slice(token.start, token.end)
          // Nothing between two tokens but space and comments.
          expect(sql.slice(end, token.start), sql).toMatch(/^(?:\s|\/\*.*\*\/|--.*|#.*)*$/)
          if (token.kind === 'mark') expect(text).toBe(token.text)
          if (token.kind === 'word') expect(text.toLowerCase()).toBe(token.text)
          if (token.kind === 'name' || token.kind === 'string')
            expect(text.toLowerCase()).toContain(token.text.slice(0, 1).toLowerCase())
          if (token.value?.from === 'binding') expect(text).toMatch(mark)
          end = token.end
        }
      }
    })

    test(`statements are cut where the other tokens are cut [${dialect}]`, () => {
      const knex = knexOf(dialect)
      const sql = shapesFor(readShapes, dialect)
        .map((shape) => compiled(shape.query(knex)))
        .filter((text) => !/--|#|\/\*!/.test(text))
        .join('; ')
      const rules = defaultRules(dialect)
      const exact = exactTokens(sql, rules) ?? []
      expect(splitStatements(exact, dialect).length).toBe(
        splitStatements(tokenize(sql, rules).tokens, dialect).length,
      )
    })
  }
})

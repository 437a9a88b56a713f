import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/contract/dialect.ts'
import { defaultRules } from '../../src/sql/lexical-rules.ts'
import { exactTokens } from '../../src/sql/predicates/exact-tokens.ts'
import { tokenize } from '../../src/sql/tokenize.ts'

const all: readonly Dialect[] = ['sqlite', 'postgres', 'mysql']

/** The tokens with spaces between them; `odd` if nothing may be made of them. */
function cut(dialect: Dialect, sql: string): string {
  const { tokens, odd } = tokenize(sql, defaultRules(dialect))
  return odd ? 'odd' : tokens.map(({ text }) => text).join(' ')
}

const isExact = (dialect: Dialect, sql: string): boolean =>
  exactTokens(sql, defaultRules(dialect)) !== undefined

describe('where pieces of a text end', () => {
  const cases: [readonly Dialect[], string, string][] = [
    // Comments
    [['postgres'], 'a -- c\r b', 'a b'],
    [['sqlite', 'mysql'], 'a -- c\r b', 'a'],
    [all, 'a -- c\n b', 'a b'],
    [['mysql'], 'a # c\r b\nc', 'a c'],
    [['mysql'], 'a --\x7f b\nc', 'a c'],
    [['postgres'], 'a -- c\u2028 b', 'a'],
    [all, "2*/*'*/a /*'*/ from b", '2 * a from b'],
    [all, "a */* don't */ b", 'a * b'],
    [['mysql'], 'a /*! b */ */* c */ d', 'a b * d'],
    [['mysql'], 'a /*!50100 b */ c', 'a b c'],
    [['mysql'], 'a /*!99999 b */ c', 'odd'],
    [['mysql'], 'a /*!50700 b */ c', 'odd'],
    [['mysql'], 'a /*M! b */ c', 'odd'],
    [['mysql'], 'a /*!500002fa */ c', 'odd'],
    [['sqlite', 'postgres'], 'a /*!99999 b */ c', 'a c'],
    // Numbers
    [all, '1.5or b', '1.5 or b'],
    [all, '5.or b', '5. or b'],
    [all, '1e0or b', '1e0 or b'],
    [all, 'and .5or b', 'and .5 or b'],
    [all, '1.5e+3from b', '1.5e+3 from b'],
    [all, '1.5e from b', '1.5 e from b'],
    [all, '-1.from b', '- 1. from b'],
    [['sqlite', 'postgres'], '1or b', '1 or b'],
    [['sqlite', 'postgres'], '1_000or b', '1_000 or b'],
    [['sqlite', 'postgres'], '0XFFor b', '0xff or b'],
    [['mysql'], '0xffor', '0xffor'],
    [['mysql'], '0xff or b', '0xff or b'],
    [['mysql'], '0xyz 0bar 0XA 0Bb 0o17 2fa 1_000', '0xyz 0bar 0xa 0bb 0o17 2fa 1_000'],
    [['mysql'], 'from t.1e5', 'from t . 1e5'],
    [['mysql'], 't.5or', 't . 5or'],
    [['mysql'], '2fa.3x.b', '2fa . 3x . b'],
    [['mysql'], '\\Nfrom a', 'null from a'],
    [['mysql'], 'from $a', 'from $a'],
    // Strings
    [['postgres'], "E'a'\n'b\\'' or c -- '", 'odd'],
    [['postgres'], "E'a' -- c\n'b\\'' or c -- '", 'odd'],
    [['postgres'], "'a'\n'b\\' or c", 'a b\\ or c'],
    [['postgres'], "E'a', 'b\\'", 'a , b\\'],
    // Names
    [['sqlite'], "select $a(it's), b, :c(')", 'odd'],
    [['sqlite'], "select @a(') from b", 'odd'],
    [all, 'from\u00a0a', 'odd'],
    [['mysql', 'postgres'], 'from \u0130tems', 'odd'],
    [['mysql'], 'from `ΟΔΟΣ`', 'odd'],
    [['postgres'], 'from "ΟΔΟΣ"', 'from οδος'],
    [all, 'from größe', 'from größe'],
  ]
  for (const [dialects, sql, expected] of cases) {
    for (const dialect of dialects) {
      test(`${dialect}: ${JSON.stringify(sql)}`, () => {
        expect(cut(dialect, sql)).toBe(expected)
      })
    }
  }

  test('MySQL: after a number, another one that the first ends with is in kind a value', () => {
    const kinds = (sql: string): string[] =>
      tokenize(sql, defaultRules('mysql')).tokens.map(({ kind }) => kind)
    expect(kinds('0xff 0b1 1.5 2e3')).toEqual(['value', 'value', 'value', 'value'])
    expect(kinds('0xfg 0b2 2f 2e 0X1')).toEqual(['word', 'word', 'word', 'word', 'word'])
  })
})

describe('what is not certain is no exact text', () => {
  const doubtful: [readonly Dialect[], string][] = [
    [all, 'a = 1.5or b = 2'],
    [all, 'a = 1.5.5'],
    [all, 'a = .5or b = 2'],
    [['mysql'], '2fa = 1'],
    [['mysql'], 't.5x = 1'],
    [['mysql'], 'a = @b.5or c'],
    [['mysql'], 'a = @5or c'],
    // Not in lower case, or lower case of something else.
    [all, '\u212a.id = 1'],
    [all, 'É.id = 1'],
    [all, '"É" = 1'.replaceAll('"', '`')],
    [all, 'ıd = 1'],
    [all, 'uſers = 1'],
  ]
  for (const [dialects, sql] of doubtful)
    for (const dialect of dialects)
      test(`${dialect}: ${sql}`, () => {
        const text = dialect === 'postgres' ? sql.replaceAll('`', '"') : sql
        expect(isExact(dialect, text)).toBe(false)
      })

  test('but for names that every server takes for the same', () => {
    for (const dialect of all) {
      expect(isExact(dialect, 'größe = 1 and straße = 2 and 名前 = 3')).toBe(true)
      expect(isExact(dialect, "a = 'É'")).toBe(true)
    }
    expect(isExact('mysql', 'a = @b and c = @d')).toBe(true)
  })
})

import knexFactory from 'knex'
import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/contract/dialect.ts'
import type { Footprint } from '../../src/contract/footprint.ts'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { defaultRules } from '../../src/sql/lexical-rules.ts'
import { tokenize } from '../../src/sql/tokenize.ts'
import { compiled } from '../support/matrix/analyse.ts'
import { readShapes } from '../support/matrix/reads.ts'
import { shapesFor } from '../support/matrix/schema.ts'
import { seeded } from '../support/seed.ts'
import { footprints } from './pipeline.ts'

const clients: Readonly<Record<Dialect, string>> = {
  sqlite: 'better-sqlite3',
  postgres: 'pg',
  mysql: 'mysql2',
}

const writes = [
  'insert into tags (name) values (?), (?) on conflict (name) do update set name = excluded.name returning *',
  'update posts set title = ? from users where users.id = posts.user_id',
  'delete a, b from posts as a join users b using (id) where a.id in (select id from tags)',
  `merge into kv using (select 'x' as k) s on s.k = kv.k when matched then delete when not matched then insert (k) values (s.k)`,
  'with x as (delete from posts returning id) insert into tags select * from x',
  `create trigger t after insert on posts begin update users set a = case when 1 then 2 end; delete from tags; end; commit`,
  `do $$ begin execute 'x'; end $$; set autocommit = 0, names utf8; rollback to savepoint "s1"`,
  'alter table a rename to b; drop view if exists v cascade; pragma main.foreign_keys(on); /*!50000 truncate x */',
]

function corpus(dialect: Dialect): string[] {
  const knex = knexFactory({ client: clients[dialect], useNullAsDefault: true })
  return [...shapesFor(readShapes, dialect).map((shape) => compiled(shape.query(knex))), ...writes]
}

/** The footprint without what the memo adds: plain data. */
function plain(footprint: Footprint): unknown {
  return footprint.map((statement) => ({
    ...statement,
    reads: statement.reads === 'everything' ? '*' : [...statement.reads].sort(),
    writes: statement.writes === 'everything' ? '*' : [...statement.writes].sort(),
  }))
}

for (const dialect of ['sqlite', 'postgres', 'mysql'] as const) {
  describe(`mutated SQL [${dialect}]`, () => {
    test('footprint never throws and always answers', () => {
      const { random } = seeded(`footprint fuzz ${dialect}`)
      const texts = corpus(dialect)
      const pick = (): string => texts[Math.floor(random() * texts.length)] ?? ''
      const noise = [
        '(',
        ')',
        "'",
        '"',
        '`',
        '[',
        '$$',
        '$a$',
        '/*',
        '*/',
        '--',
        ';',
        ',',
        '.',
        '@',
        '\\',
        '?',
        '\0',
        'from',
        'as',
        'begin',
        'end',
        '🌊',
        "E'",
        'U&"',
      ]
      for (let round = 0; round < 4000; round += 1) {
        let sql = pick()
        for (let edit = 0; edit <= random() * 4; edit += 1) {
          const at = Math.floor(random() * sql.length)
          const to = Math.min(sql.length, at + Math.floor(random() * 12))
          const kind = random()
          if (kind < 0.3) sql = sql.slice(0, at) + sql.slice(to)
          else if (kind < 0.6)
            sql = `${sql.slice(0, at)} ${noise[Math.floor(random() * noise.length)] ?? ''} ${sql.slice(at)}`
          else if (kind < 0.8) sql = sql.slice(0, at) + pick().slice(to)
          else sql = sql.slice(0, at)
        }
        const footprint = footprints(dialect, sql)
        const answer = new StatementAnalyser(dialect).footprint(sql)
        const { tokens, odd } = tokenize(sql, defaultRules(dialect))
        if (odd)
          expect(
            answer.some((each) => each.writes === 'everything' && each.reads === 'everything'),
          ).toBe(true)
        else if (tokens.some((token) => token.text !== ';'))
          expect(footprint.length).toBeGreaterThan(0)
      }
    })

    test('layout and comments change nothing', () => {
      for (const sql of corpus(dialect)) {
        if (/['"$\\/#]|--/.test(sql.replaceAll(/["`](\w+)["`]/g, '$1').replaceAll(/\$\d+/g, '?')))
          continue
        const spread = sql.replaceAll(' ', ' /* from tags, "x */\n\t')
        expect(plain(footprints(dialect, spread)), sql).toEqual(plain(footprints(dialect, sql)))
      }
    })

    test('texts joined by a semicolon do what each does', () => {
      const texts = corpus(dialect).filter((sql) => !/create trigger|--|#/.test(sql))
      const apart = texts.flatMap((sql) => footprints(dialect, sql))
      expect(plain(footprints(dialect, texts.join(';\n')))).toEqual(plain(apart))
    })
  })
}

describe('long texts', () => {
  test('rows and lists of placeholders are few tokens', () => {
    const rows = `insert into t (a, b, c) values ${'(?, ?, ?), '.repeat(5000)}(?, ?, ?)`
    expect(tokenize(rows, defaultRules('mysql')).tokens.length).toBeLessThan(20)
    const list = `select * from t where id in (${Array.from({ length: 5000 }, (_, i) => `$${i + 1}`).join(', ')})`
    expect(tokenize(list, defaultRules('postgres')).tokens.length).toBeLessThan(15)
    const calls = tokenize('select f(?), g(?), (?), (?), h(?, ?)', defaultRules('sqlite')).tokens
    expect(calls.filter((token) => token.kind === 'word').map((token) => token.text)).toEqual([
      'select',
      'f',
      'g',
      'h',
    ])
  })

  test('the memo is bounded by entries and by length, oldest first', async () => {
    const { FootprintMemo } = await import('../../src/sql/footprint-memo.ts')
    const memo = new FootprintMemo({ maxEntries: 3, maxLength: 80 })
    for (const sql of ['a', 'b', 'c', 'd']) memo.set(sql, [])
    expect([memo.get('a'), memo.get('b'), memo.size]).toEqual([undefined, [], 3])
    memo.set('x'.repeat(11), [])
    expect(memo.size).toBe(3)
    for (let i = 0; i < 20; i += 1) memo.set(`${i}`.padStart(10, '-'), [])
    expect(memo.size).toBe(3)
  })
})

import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../../src/contract/dialect.ts'
import { closeEffects } from '../../../src/sql/closure.ts'
import { exactTokens } from '../../../src/sql/predicates/exact-tokens.ts'
import { readQuery } from '../../../src/sql/predicates/read-query.ts'
import { queryUses, tableUses } from '../../../src/sql/predicates/table-uses.ts'
import { TokenReader } from '../../../src/sql/predicates/token-reader.ts'
import { scanTables } from '../../../src/sql/scan/scan-tables.ts'
import { cpuTimeOf } from '../../support/cpu-time.ts'
import { compiled } from '../../support/matrix/analyse.ts'
import { readShapes } from '../../support/matrix/reads.ts'
import { shapesFor } from '../../support/matrix/schema.ts'
import { seeded } from '../../support/seed.ts'
import { knexOf, native, shopCatalog, shownUses } from './shop.fixture.ts'

const dialects = ['sqlite', 'postgres', 'mysql'] as const

/** Read shapes whose text is not read to the end. */
const notUnderstood: Readonly<Record<Dialect, readonly string[]>> = {
  sqlite: ['x in table', 'x not in main.table', 'name in single quotes'],
  postgres: ['rows from', 'tablesample', 'for update'],
  mysql: [
    'index hint',
    'index hint for join, then comma',
    'versioned comment',
    'table in a versioned comment',
    'for share',
  ],
}

const texts = (dialect: Dialect): string[] => {
  const knex = knexOf(dialect)
  return shapesFor(readShapes, dialect).map((shape) => compiled(shape.query(knex)))
}

for (const dialect of dialects) {
  describe(`texts [${dialect}]`, () => {
    const catalog = shopCatalog(dialect)

    test('all shapes of queries are understood, but for these', () => {
      const knex = knexOf(dialect)
      const found = shapesFor(readShapes, dialect)
        .filter((shape) => {
          const tokens = exactTokens(compiled(shape.query(knex)), catalog.rules)
          if (tokens === undefined) return true
          return readQuery(new TokenReader(tokens, dialect), catalog) === undefined
        })
        .map((shape) => shape.name)
      expect(found).toEqual(notUnderstood[dialect])
    })

    test('no soup of tokens is too thick', () => {
      const { random, int, pick } = seeded(`token soup ${dialect}`)
      const words = texts(dialect)
        .join(' ')
        .split(/(?<=\W)|(?=\W)/)
      const corpus = texts(dialect)
      for (let round = 0; round < 3000; round += 1) {
        let sql = Array.from({ length: int(40) }, () => pick(words)).join(pick(['', ' ', ' ']))
        if (random() < 0.6) {
          const [text, other] = [pick(corpus), pick(corpus)]
          sql = text.slice(0, int(text.length)) + other.slice(int(other.length))
        }
        const tokens = exactTokens(sql, catalog.rules) ?? []
        for (const { filter, table } of tableUses(tokens, catalog))
          expect([filter.op, catalog.table(table)?.name], sql).not.toContain('every')
      }
    })

    test('a long text takes no longer for each of its tokens than a short one', () => {
      const timePerTerm = (terms: number): number => {
        const list = Array.from(
          { length: terms },
          (_, at) => `(id = ? or (slug = ? and user_id = ${at}))`,
        )
        const sql = native(dialect, `select * from posts where ${list.join(' and ')}`)
        const taken = cpuTimeOf(() => tableUses(exactTokens(sql, catalog.rules) ?? [], catalog))
        return taken / terms
      }
      // Twenty times, if it grew with the square.
      expect(timePerTerm(4000) / timePerTerm(200)).toBeLessThan(9)
    })
  })
}

describe('tables that are read by other names too', () => {
  const uses = (sql: string): string => {
    const catalog = shopCatalog('postgres')
    const tokens = exactTokens(sql, catalog.rules) ?? []
    return shownUses(queryUses(tokens, catalog, closeEffects(scanTables(tokens, catalog), catalog)))
  }

  test('a view', () => {
    expect(uses('select * from tags where id = $1')).toBe('tags[id=?0]')
    expect(uses('select * from tags, v_tags where tags.id = $1')).toBe('')
    expect(uses('select * from posts, v_tags where posts.id = $1')).toBe('posts[id=?0]')
  })

  test('a function, wherever it is called', () => {
    expect(uses('select count_posts(), users.* from users where id = $1')).toBe('users[id=?0]')
    expect(uses('select count_posts(), posts.* from posts where id = $1')).toBe('')
    expect(uses('select * from posts where id = $1 and count_posts() > 1')).toBe('')
    expect(uses('select posts.count_posts from posts where id = $1')).toBe('')
  })
})

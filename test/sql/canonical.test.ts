import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dialect } from '../../src/contract/dialect.ts'
import { hasExactCollation } from '../../src/sql/catalog/mysql-collations.ts'
import { canonicalOf } from '../../src/sql/predicates/canonical.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { rowsOf } from '../support/matrix/analyse.ts'
import { seeded } from '../support/seed.ts'

const dialects: readonly Dialect[] = ['sqlite', 'postgres', 'mysql']
const nothing = [
  null,
  undefined,
  true,
  5.5,
  NaN,
  Infinity,
  2 ** 53,
  '',
  '05',
  '-0',
  '+5',
  ' 5',
  '5 ',
  '5.0',
  '5e0',
  '0x5',
  '5abc',
  '٥',
  '9223372036854775808',
  '12345678901234567890',
  10n ** 19n,
  new Date(5),
  Buffer.from('5'),
  [5],
  {},
]

describe('canonical forms', () => {
  test('integers: decimal digits, however they are sent', () => {
    for (const dialect of dialects) {
      const canonical = canonicalOf('integer', dialect)
      expect([5, 5n, '5', -5, '-5', 0, '0', 2 ** 53 - 1].map(canonical)).toEqual(
        ['5', '5', '5', '-5', '-5', '0', '0', '9007199254740991'], // prettier-ignore
      )
      expect(nothing.filter((value) => canonical(value) !== undefined)).toEqual([])
      expect(canonical(9223372036854775807n)).toBe('9223372036854775807')
    }
  })

  test('MySQL compares strings with integers by floating point, exact to 15 digits', () => {
    const long = '1234567890123456'
    expect(dialects.map((dialect) => canonicalOf('integer', dialect)(long))).toEqual([long, long, undefined]) // prettier-ignore
    expect(canonicalOf('integer', 'mysql')(BigInt(long))).toBe(long)
    expect(canonicalOf('integer', 'mysql')(long.slice(1))).toBe(long.slice(1))
  })

  test('text: letters and digits of printable ASCII, without case', () => {
    const canonical = canonicalOf('text', 'postgres')
    expect(['Ab c', 'abc  ', 'a-B_c!', '', ' ', '5'].map(canonical)).toEqual(
      ['abc', 'abc', 'abc', '', '', '5'], // prettier-ignore
    )
    for (const value of [
      'é',
      'a\tb',
      'a\n',
      '\0',
      '\u212a',
      5,
      5n,
      true,
      null,
      new Date(),
      Buffer.of(65),
    ])
      expect(canonical(value)).toBeUndefined()
  })

  test('uuid: 32 hexadecimal digits', () => {
    const canonical = canonicalOf('uuid', 'postgres')
    const plain = 'a0eebc999c0b4ef8bb6d6bb9bd380a11'
    for (const value of [plain, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', `{${plain}}`])
      expect(canonical(value)).toBe(plain)
    for (const value of [plain.slice(1), `${plain}0`, `${plain.slice(1)}g`, ` ${plain}`, 5])
      expect(canonical(value)).toBeUndefined()
  })
})

/** All printable ASCII strings of up to two characters. */
function shortTexts(): string[] {
  const characters = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))
  return ['', ...characters, ...characters.flatMap((a) => characters.map((b) => a + b))]
}

describeDatabases('what a database takes for equal', (name) => {
  let database: TestDatabase
  let knex: Knex

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
  })

  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  test('integers that are equal have one form, or none', async () => {
    const { random, int, pick } = seeded(`equal integers ${name}`)
    const canonical = canonicalOf('integer', name)
    await knex.schema.createTable('numbers', (t) => void t.bigInteger('n'))
    const stored = [0, 1, 5, -5, 42, 2 ** 53 - 1, '9007199254740993', '123456789012345678']
    for (const n of stored) await knex('numbers').insert({ n })
    const spellings = (n: string): unknown[] => [
      n,
      Number(n),
      BigInt(n),
      ` ${n}`,
      `${n} `,
      n.replace(/^(-?)/, '$10'),
      `${n}.0`,
      `+${n}`,
      n.slice(0, -1) + String(int(10)),
      Number(n) + int(3) - 1,
    ]
    let equal = 0
    for (let round = 0; round < 300; round += 1) {
      const value = pick(spellings(String(pick(stored))))
      if (canonical(value) === undefined || random() < 0.01) continue
      const rows: { text: string }[] = await knex('numbers')
        .whereRaw('n = ?', [value as string])
        .select(knex.raw(`cast(n as ${name === 'mysql' ? 'char' : 'text'}) as text`))
      equal += rows.length
      for (const { text } of rows) {
        // The server compares a string as such; what is stored came by number.
        const form = canonicalOf('integer', 'postgres')(text)
        expect(canonical(value), `${String(value)} = ${text}`).toBe(form)
      }
    }
    expect(equal).toBeGreaterThan(50)
  })

  if (name === 'mysql') {
    test('under every collation that counts as exact, equal texts have one form', async () => {
      await knex.raw('create table texts (v varchar(2) character set ascii collate ascii_bin, form varchar(2) character set ascii collate ascii_bin, padded varchar(8) character set ascii collate ascii_bin)') // prettier-ignore
      const canonical = canonicalOf('text', 'mysql')
      const texts = shortTexts()
      for (let at = 0; at < texts.length; at += 2000) {
        const rows = texts.slice(at, at + 2000).map((v) => ({ v, form: canonical(v) }))
        await knex('texts').insert(rows)
      }
      const collations = rowsOf(
        await knex.raw(
          `select full_collation_name as collation, character_set_name as charset from information_schema.collation_character_set_applicability`,
        ),
      )
      const clashing = async (row: Record<string, unknown>): Promise<boolean> => {
        const converted = `convert(v using ${String(row['charset'])}) collate ${String(row['collation'])}`
        const found = await knex.raw(
          `select min(v) from texts group by ${converted} having count(distinct form) > 1 limit 1`,
        )
        return rowsOf(found).length > 0
      }
      const exact = collations.filter((row) => hasExactCollation(String(row['collation'])))
      expect(exact.length).toBeGreaterThan(50)
      const unequal: unknown[] = []
      for (const row of exact) if (await clashing(row)) unequal.push(row['collation'])
      expect(unequal).toEqual([])
      // What a language takes for equal would be found.
      const collation = 'utf8mb4_lithuanian_ci'
      expect(hasExactCollation(collation)).toBe(false)
      expect(await clashing({ collation, charset: 'utf8mb4' })).toBe(true)
    }, 120_000)
  }
})

import { integers, texts, huge, uuids, dates, fractions, oddWords } from './kind-values.ts'
import type { Kind } from './kind.ts'

/** Longer than what it is put into: IGNORE cuts it. */
const long = [...oddWords, 'ab'.repeat(15), `a${' '.repeat(25)}`]

const mysqlIntegers = {
  ...integers,
  // IGNORE cuts what does not fit.
  odd: ['3', ' 3', '03', '3.0', 3n, 3.4, true, '3x', 'x', '', 5_000_000_000, -1],
  literals: [
    '3',
    '+3',
    '3.0',
    '3e0',
    '0x3',
    `'3'`,
    `' 3'`,
    `"3"`,
    '2+1',
    '(3)',
    '-3',
    'true',
    `'3' '0'`,
  ],
}

/** What columns are made of on MariaDB and MySQL. */
export const mysqlKinds: readonly Kind[] = [
  { name: 'integer', type: 'int', ...mysqlIntegers },
  {
    ...{ name: 'bigint', type: 'bigint', ...mysqlIntegers },
    odd: [...mysqlIntegers.odd, huge, BigInt(huge), 9007199254740992],
  },
  { name: 'unsigned', type: 'int unsigned', ...mysqlIntegers },
  texts('general_ci', 'varchar(20) collate utf8mb4_general_ci', false, long),
  texts('bin', 'varchar(20) collate utf8mb4_bin', false, long),
  texts('unicode_ci', 'varchar(20) collate utf8mb4_unicode_ci', false, long),
  texts('nopad', 'varchar(20) collate utf8mb4_nopad_bin', true, long),
  texts('char', 'char(4) collate utf8mb4_general_ci', false, ['a  ', 5, 'abcdef', 'abcdxx']),
  { ...texts('varbinary', 'varbinary(20)', true, ['a  ', 5]), group: 'other' },
  {
    ...{ name: 'uuid', type: 'uuid', group: 'other', values: uuids.slice(0, 4), wide: uuids },
    odd: uuids.slice(0, 3).flatMap((id) => [id.toUpperCase(), id.replaceAll('-', '')]),
    literals: [`'${uuids[0] ?? ''}'`],
    ...{ keyable: true, exact: true },
  },
  {
    ...{
      name: 'enum',
      type: `enum('a', 'b', 'ab', '2')`,
      group: 'other',
      values: ['a', 'b', 'ab'],
    },
    ...{ wide: ['a', 'b', 'ab', '2'], odd: ['A', 1, 2, 'b '], literals: [`'a'`, '1', `'B'`] },
    ...{ keyable: true, exact: true },
  },
  {
    ...{
      name: 'decimal',
      type: 'decimal(10, 2)',
      group: 'number',
      values: fractions,
      wide: fractions,
    },
    ...{
      odd: ['1.50', ' 2', '2.00', 3n],
      literals: ['1.5', '1.50', '2'],
      keyable: true,
      exact: true,
    },
  },
  {
    ...{ name: 'float', type: 'double', group: 'number', values: fractions, wide: fractions },
    ...{ odd: ['1.50', '2'], literals: ['1.5', '2'], keyable: true, exact: true },
  },
  {
    ...{ name: 'date', type: 'date', group: 'other', values: dates, wide: dates },
    ...{ odd: ['20240101', 20240102, '2024-1-3'], literals: [`'2024-01-01'`, `date '2024-01-02'`] },
    ...{ keyable: true, exact: true },
  },
  {
    ...{
      name: 'boolean',
      type: 'tinyint(1)',
      group: 'other',
      values: [true, false],
      wide: [true, false],
    },
    ...{ odd: ['1', 1, 2], literals: ['true', '1', 'false'], keyable: false, exact: true },
  },
  {
    ...{
      name: 'json',
      type: 'json',
      group: 'other',
      values: ['{"a":1}', '[1]', '1'],
      wide: ['{"a":1}'],
    },
    ...{ odd: [], literals: [`'[1]'`], keyable: false, exact: false },
  },
]

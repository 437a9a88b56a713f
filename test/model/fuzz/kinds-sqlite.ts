import { integers, texts, huge, uuids, dates, fractions, oddWords } from './kind-values.ts'
import type { Kind, Value } from './kind.ts'

const sqliteOdd: Value[] = [
  '3',
  ' 3',
  '3 ',
  '03',
  '3.0',
  3.5,
  '3x',
  'a',
  '',
  Buffer.from('3'),
  3n,
  true,
]
const sqliteIntegers = {
  ...integers,
  odd: [...sqliteOdd, huge, BigInt(huge)],
  literals: [
    '3',
    '+3',
    '-3',
    '3.0',
    '3e0',
    '0x3',
    `'3'`,
    `' 3'`,
    `x'33'`,
    '2+1',
    '(3)',
    'true',
    huge,
  ],
}

/** What columns are made of on SQLite. */
export const sqliteKinds: readonly Kind[] = [
  { name: 'integer', type: 'integer', ...sqliteIntegers },
  { name: 'bigint', type: 'bigint', ...sqliteIntegers },
  { name: 'untyped', type: '', ...sqliteIntegers },
  texts('binary', 'varchar(20)', true, oddWords),
  texts('nocase', 'varchar(20) collate nocase', false, oddWords),
  texts('rtrim', 'text collate rtrim', false, oddWords),
  {
    ...texts('uuid', 'char(36)', true, [uuids[0]?.toUpperCase() ?? '', 5]),
    values: uuids,
    wide: uuids,
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
      odd: ['1.50', '2', ' 3.0', 3n],
      literals: ['1.5', '1.50', '15e-1'],
      keyable: true,
      exact: true,
    },
  },
  {
    ...{ name: 'float', type: 'float', group: 'number', values: fractions, wide: fractions },
    ...{ odd: ['1.50', '2', 2n], literals: ['1.5', '2'], keyable: true, exact: true },
  },
  {
    ...{ name: 'date', type: 'date', group: 'other', values: dates, wide: dates },
    ...{
      odd: ['20240101', '2024-1-1', 20240101],
      literals: [`'2024-01-01'`],
      keyable: true,
      exact: true,
    },
  },
  {
    ...{
      name: 'boolean',
      type: 'boolean',
      group: 'other',
      values: [true, false],
      wide: [true, false],
    },
    ...{ odd: ['1', 1, 2, 'true'], literals: ['true', '1', 'false'], keyable: false, exact: true },
  },
  {
    ...{
      name: 'json',
      type: 'json',
      group: 'other',
      values: ['{"a":1}', '[1]', '1'],
      wide: ['{"a":1}'],
    },
    ...{ odd: ['{"a": 1}', 1], literals: [`'[1]'`], keyable: false, exact: true },
  },
]

import { integers, texts, huge, uuids, dates, fractions, oddWords } from './kind-values.ts'
import type { Kind } from './kind.ts'

const postgresIntegers = {
  ...integers,
  odd: ['3', ' 3', '03', '+3', 3n, '3.0', 3.5],
  literals: [
    '3',
    '+3',
    '3.0',
    '3e0',
    `'3'`,
    `' 3'`,
    `'3'::int`,
    '3::bigint',
    '2+1',
    '(3)',
    '-3',
    `3.0::numeric`,
  ],
}

/** What columns are made of on PostgreSQL. */
export const postgresKinds: readonly Kind[] = [
  { name: 'integer', type: 'integer', ...postgresIntegers },
  {
    ...{ name: 'bigint', type: 'bigint', ...postgresIntegers },
    odd: [...postgresIntegers.odd, huge, BigInt(huge)],
  },
  { name: 'smallint', type: 'smallint', ...postgresIntegers },
  texts('varchar', 'varchar(20)', true, [
    ...oddWords.filter((word) => typeof word === 'string'),
    `a${' '.repeat(25)}`,
  ]),
  texts('text c', 'text collate "C"', true, oddWords),
  texts('citext', 'ext.citext', false, oddWords),
  texts('case-blind', 'text collate ext.blind', false, oddWords),
  texts('char', 'char(4)', false, ['a  ', 'b']),
  {
    ...{ name: 'uuid', type: 'uuid', group: 'other', values: uuids.slice(0, 4), wide: uuids },
    odd: uuids.slice(0, 3).flatMap((id) => [id.toUpperCase(), `{${id}}`, id.replaceAll('-', '')]),
    literals: uuids.slice(0, 2).flatMap((id) => [`'${id}'`, `'{${id}}'::uuid`]),
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
    ...{
      name: 'float',
      type: 'double precision',
      group: 'number',
      values: fractions,
      wide: fractions,
    },
    ...{ odd: ['1.50', '2'], literals: ['1.5', '2'], keyable: true, exact: true },
  },
  {
    ...{ name: 'date', type: 'date', group: 'other', values: dates, wide: dates },
    ...{ odd: ['20240101', 'Jan 2 2024'], literals: [`'2024-01-01'`, `date '2024-01-02'`] },
    ...{ keyable: true, exact: true },
  },
  {
    ...{
      name: 'boolean',
      type: 'boolean',
      group: 'other',
      values: [true, false],
      wide: [true, false],
    },
    ...{
      odd: ['t', 'yes', 'off', '1'],
      literals: ['true', `'f'`, `'on'`],
      keyable: true,
      exact: true,
    },
  },
  {
    ...{
      name: 'jsonb',
      type: 'jsonb',
      group: 'other',
      values: ['{"a":1}', '[1]', '1'],
      wide: ['{"a":1}'],
    },
    ...{
      odd: ['{"a": 1}', ' [1]'],
      literals: [`'[1]'`, `'{"a":1}'::jsonb`],
      keyable: false,
      exact: true,
    },
  },
  {
    ...{
      name: 'json',
      type: 'json',
      group: 'other',
      values: ['{"a":1}', '[1]'],
      wide: ['{"a":1}'],
    },
    // The driver parses it: another spelling would be a change that nobody sees.
    ...{ odd: [], literals: [], keyable: false, exact: false },
  },
]

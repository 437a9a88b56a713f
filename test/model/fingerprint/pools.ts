import type { Tape } from './tape.ts'

/** Few names, so that builders often differ in one of them only; some look like parts of a query. */
const names = [
  ...['a', 'b', 'a', 'b', 't.a', 'u.b', 't.*', '*', 'a as b', 'b AS a', 'a.b.c', 'A'],
  ...['where', 'and', 'or', 'select', 'end', 'value', '=', '1', '', ' a', 'a|b', 'a,b', 'a`b'],
  ...['whereBasic', 'a" = ? or "b', '2', '16', 'x\u0000y', 'a[1]'],
]

const tables = ['t', 'u', 't', 'u', 'v', 't as x', 's.t', 'where', 'u as t']

/** Values that are alike in one way or another; objects are made anew. */
const values: readonly (() => unknown)[] = [
  ...[1, 2, 1, 2, '1', '2', true, false, 1n, 2n, 0, -0, 1.5, '1.5', -1, 1e21, NaN],
  ...[
    '',
    'a',
    'b',
    'T',
    'N',
    '_',
    '1;',
    's1:x',
    's1:1s1:1',
    '1s',
    'U',
    '[1]',
    '{"a":1}',
    '{ "a": 1 }',
  ],
  ...[' 5 ', '5', 5, '5.5', 'true', 'null', 'a\n1', '\ud800', '\udc00', 'd1;', '0', '1e3'],
]
  .map(
    (value): (() => unknown) =>
      () =>
        value,
  )
  .concat([
    () => new Date(1),
    () => new Date(2),
    () => new Date(NaN),
    () => Buffer.from('1'),
    () => new Uint8Array([49]),
    () => Buffer.from('a'),
    () => null,
    () => [1],
    () => ['1'],
    () => [],
    () => [[1]],
    () => ({ a: 1 }),
    () => ({ a: '1' }),
    () => ({}),
    () => ({ a: [1, null, { b: undefined }] }),
    () => undefined,
  ])

/** JSON that conditions compare with. */
const jsons: readonly (() => unknown)[] = [
  ...[() => ({ a: 1 }), () => ({ a: '1' }), () => ({ a: 1, b: [2] }), () => [1, 2], () => ({})],
  ...['{"a":1}', '{ "a": 1 }', '{"a":\n1}', '[1]', 'x', '5', '5.5', ' 5 ', '0', '0.5'].map(
    (text) => () => text,
  ),
  ...[5, 5.5, 0, true, null, new Date(1)].map((value) => () => value),
]

const operators = [
  '=',
  '=',
  '<',
  '>',
  '<>',
  '!=',
  'like',
  'LIKE',
  'is',
  'in',
  '&&',
  '?',
  'nonsense',
]

/** The name of a column. */
export function drawName(tape: Tape): string {
  return tape.pick(names)
}

/** The name of a table. */
export function drawTable(tape: Tape): string {
  return tape.pick(tables)
}

/** Whatever can be sent as a value. */
export function drawScalar(tape: Tape): unknown {
  return tape.pick(values)()
}

/** What a JSON condition compares with. */
export function drawJson(tape: Tape): unknown {
  return tape.pick(jsons)()
}

/** An operator, some of which Knex does not know. */
export function drawOperator(tape: Tape): string {
  return tape.pick(operators)
}

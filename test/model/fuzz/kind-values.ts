import type { Kind, Value } from './kind.ts'

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

const words = ['a', 'A', 'b', 'B', 'ab', 'Ab', 'a ', 'é', 'É', 'ß', 'ss', '', '5', '05', 'a-']
const wideWords = [...words, ...range(1, 8).map((i) => `k${i}`), 'K1', 'K2', ' a', 'SS', 'e', 'E']
/** Texts that are spelled alike without being equal, or equal without being spelled alike, and some that are none. */
export const oddWords: Value[] = [
  'a  ',
  'b ',
  'a\u0001',
  '5 ',
  ' 5',
  'A\u0301',
  '\u212a1',
  5,
  0,
  5.5,
]
const wordLiterals = [
  `'a'`,
  `'A'`,
  `'b'`,
  `'k1'`,
  `'K1'`,
  `'ab'`,
  `'5'`,
  `5`,
  `'a'  `,
  `('b')`,
  `''`,
]

/** What every kind of whole numbers has. */
export const integers = {
  group: 'number',
  values: range(1, 6),
  wide: range(1, 20),
  keyable: true,
  exact: true,
} as const
const text = { group: 'text', values: words.slice(0, 8), wide: wideWords, keyable: true } as const
/** A kind of texts. */
export const texts = (name: string, type: string, exact: boolean, odd: readonly Value[]): Kind => ({
  ...text,
  ...{ name, type, exact, odd, literals: wordLiterals },
})

/** A number that no double holds. */
export const huge = '9007199254740993'
/** UUIDs as databases print them. */
export const uuids = range(1, 6).map((i) => `00000000-0000-4000-8000-00000000000${i}`)
/** Dates as databases print them. */
export const dates = range(1, 6).map((i) => `2024-01-0${i}`)
/** Numbers whose sums are exact. */
export const fractions = [0.5, 1, 1.5, 2, 2.25, 3]

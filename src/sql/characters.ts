/** Characters that mean something where text is cut into pieces. */
export const code = {
  newline: 10,
  return: 13,
  space: 32,
  bang: 33,
  doubleQuote: 34,
  hash: 35,
  dollar: 36,
  and: 38,
  quote: 39,
  open: 40,
  star: 42,
  plus: 43,
  minus: 45,
  dot: 46,
  slash: 47,
  zero: 48,
  nine: 57,
  colon: 58,
  question: 63,
  at: 64,
  upperM: 77,
  upperN: 78,
  bracket: 91,
  backslash: 92,
  bracketEnd: 93,
  underscore: 95,
  backtick: 96,
  delete: 127,
} as const

/** A decimal digit. */
export function isDigit(c: number): boolean {
  return c >= code.zero && c <= code.nine
}

/** What words begin with. To all servers that is everything beyond ASCII too. */
export function isLetter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === code.underscore || c >= 128
}

/** What words go on with. */
export function isWordPart(c: number): boolean {
  return isLetter(c) || isDigit(c) || c === code.dollar
}

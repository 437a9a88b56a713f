import type { Dialect } from '../contract/dialect.ts'

const beyondAscii = /[\u0080-\uffff]/

/** Has the text ASCII characters alone? No name in it is doubtful then. */
export function isAscii(text: string): boolean {
  return !beyondAscii.test(text)
}

/**
 * Is it certain which other spellings of a name a server may take for the same? PostgreSQL and SQLite fold ASCII alone, MySQL by tables of
 * its own; JavaScript folds whatever has an upper case. All agree on names that are in lower case already, letter by letter.
 */
export function foldsPlainly(name: string): boolean {
  if (isAscii(name)) return true
  for (const letter of name) if (letter > '\x7f' && !isPlain(letter)) return false
  return true
}

/** Not so the dotless i, whose upper case is that of i, or the Kelvin sign, whose lower case is k. */
function isPlain(letter: string): boolean {
  const upper = letter.toUpperCase()
  return (
    letter.toLowerCase() === letter &&
    (upper.length > letter.length || upper.toLowerCase() === letter)
  )
}

/**
 * May a name in a text be that of a table whose folded name has other letters? The dotted capital I is two letters in lower case, and the
 * capital sigma has two lower cases, by its place in the word; servers that fold such letters make one of them. And what does not break
 * the word here may be a space there.
 */
export function isDubiousName(dialect: Dialect, kind: 'word' | 'name', text: string): boolean {
  if (isAscii(text)) return false
  if (kind === 'word' && /[\xa0\ufeff]/.test(text)) return true
  const folds = dialect === 'mysql' || (dialect === 'postgres' && kind === 'word')
  return folds && /[\u0130\u03a3]/.test(text)
}

/** Does a column of this name, as the catalog spells it, go by the `spelling` of a text? Both have the same letters, case aside. */
export function isSpelled(dialect: Dialect, column: string, spelling: string): boolean {
  switch (dialect) {
    case 'postgres':
      return column === spelling
    case 'sqlite':
      return foldAscii(column) === foldAscii(spelling)
    case 'mysql':
      return true
  }
}

function foldAscii(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

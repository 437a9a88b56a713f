/**
 * A piece of SQL text.
 * - `word`: an unquoted identifier or keyword, in lower case
 * - `name`: a quoted identifier, in lower case
 * - `string`: a string literal, without its quotes
 * - `value`: numbers, placeholders, and lists of those
 * - `mark`: one character of punctuation
 */
export type TokenKind = 'word' | 'name' | 'string' | 'value' | 'mark'

/** See {@link TokenKind}. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

/** Is it the keyword `word`? Quoted names never are. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token !== undefined && token.kind === 'word' && token.text === word
}

/** Is it the punctuation `mark`? */
export function isMark(token: Token | undefined, mark: string): boolean {
  return token !== undefined && token.kind === 'mark' && token.text === mark
}

/** The keyword that the token may be, or the empty text. */
export function wordOf(token: Token | undefined): string {
  return token !== undefined && token.kind === 'word' ? token.text : ''
}

/** Could it name a table? Words, quoted names, and strings, which SQLite takes for names too. */
export function isNameLike(token: Token | undefined): token is Token {
  return (
    token !== undefined &&
    (token.kind === 'word' || token.kind === 'name' || token.kind === 'string')
  )
}

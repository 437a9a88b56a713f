import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Value } from './kind.ts'
import { literal } from './literal.ts'
import type { Random } from './random.ts'

/** SQL with `?` for bound values, as Knex takes it. */
export interface Text {
  readonly sql: string
  readonly bindings: readonly unknown[]
}

/** Strings, quoted names and comments: what is left alone, or is a name. */
const opaque = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$\$.*?\$\$|\/\*.*?\*\/|(?:--|#)[^\n]*\n/gs

/** A word that need not be quoted where it stands for a name. */
const simple = /^[a-z_][a-z0-9_]*$/
const reserved = /^(?:user|order|all|group|index|key|table|select|low|high|out|to|at)$/

/** The same statement in another spelling: values written out, other letters, comments, other quotes. */
export function respell(random: Random, dialect: Dialect, { sql, bindings }: Text): Text {
  const left: unknown[] = []
  const inline = random.pick([0, 0.5, 1])
  const upper = random.chance(0.4)
  const noisy = random.chance(0.3)
  const bare = random.chance(0.4)
  let used = 0
  const outside = (text: string): string => {
    const filled = text.replaceAll('?', () => {
      const value = bindings[used++]
      if (!isValue(value) || !random.chance(inline)) {
        left.push(value)
        return '?'
      }
      return spelled(random, dialect, value)
    })
    const spaced = noisy ? filled.replaceAll(' ', () => blank(random, dialect)) : filled
    return upper ? upperOutsideStrings(spaced) : spaced
  }
  const inside = (text: string): string => {
    const isName = text.startsWith('`') || (text.startsWith('"') && dialect !== 'mysql')
    if (!isName) return text
    const name = text.slice(1, -1)
    if (bare && simple.test(name) && !reserved.test(name)) return name
    if (dialect === 'sqlite' && random.chance(0.3)) return random.pick([`"${name}"`, `[${name}]`])
    return text
  }
  let at = 0
  let result = ''
  for (const match of sql.matchAll(opaque)) {
    result += outside(sql.slice(at, match.index)) + inside(match[0])
    at = match.index + match[0].length
  }
  return { sql: result + outside(sql.slice(at)), bindings: left }
}

/** The same statement with something around it that changes nothing. */
export function framed(
  random: Random,
  dialect: Dialect,
  { sql, bindings }: Text,
  query: boolean,
): Text {
  const frames = [`${sql};`, `${sql} ; `, `${sql} -- or 1 = 1`, `/* x */ ${sql}`, `\n${sql}\n`]
  if (dialect === 'mysql') frames.push(`${sql} # or 1 = 1`)
  if (query)
    frames.push(`select * from (${sql}) as framed`, `with framed as (${sql}) select * from framed`)
  if (query && dialect !== 'sqlite') frames.push(`(${sql})`)
  return { sql: random.pick(frames), bindings }
}

/** Every value written out plainly, for code that is kept in the database. */
export function inlined(dialect: Dialect, { sql, bindings }: Text): string {
  let used = 0
  const fill = (text: string): string =>
    text.replaceAll('?', () => {
      const value = bindings[used++]
      return isValue(value) ? literal(dialect, value) : 'null'
    })
  let at = 0
  let result = ''
  for (const match of sql.matchAll(opaque)) {
    result += fill(sql.slice(at, match.index)) + match[0]
    at = match.index + match[0].length
  }
  return result + fill(sql.slice(at))
}

function isValue(value: unknown): value is Value {
  return (
    value === null ||
    ['string', 'number', 'bigint', 'boolean'].includes(typeof value) ||
    Buffer.isBuffer(value)
  )
}

function blank(random: Random, dialect: Dialect): string {
  if (random.chance(0.85)) return ' '
  return random.pick([
    '\n',
    '  ',
    '\t',
    ' /* or 1 = 1 */ ',
    ` /* it's "k" = 1 */ `,
    ' -- and 1 = 0\n',
    dialect === 'mysql' ? ' # `k` = 1\n' : ' /**/ ',
  ])
}

function upperOutsideStrings(text: string): string {
  let at = 0
  let result = ''
  for (const match of text.matchAll(opaque)) {
    result += text.slice(at, match.index).toUpperCase() + match[0]
    at = match.index + match[0].length
  }
  return result + text.slice(at).toUpperCase()
}

function spelled(random: Random, dialect: Dialect, value: Value): string {
  const plain = literal(dialect, value)
  if (random.chance(0.55) || value === null) return plain
  if (typeof value === 'number' || typeof value === 'bigint') {
    const forms = [`'${value}'`, `(${value})`, `+${value}`, ` ${value} `]
    if (Number.isInteger(value)) forms.push(`${value}.0`, `${value}e0`, `0${value}`)
    if (Number.isInteger(value) && dialect !== 'postgres') forms.push(`0x${value.toString(16)}`)
    if (dialect === 'postgres')
      forms.push(`'${value}'::int`, `${value}::bigint`, `cast(${value} as int)`)
    return random.pick(forms)
  }
  if (typeof value !== 'string' || value.includes('?')) return plain
  const hex = Buffer.from(value).toString('hex')
  if (dialect === 'mysql')
    return random.pick([
      `"${value}"`,
      `n${plain}`,
      `_utf8mb4${plain}`,
      `_utf8mb4 x'${hex}'`,
      `(${plain})`,
    ])
  if (dialect === 'sqlite')
    return random.pick([`(${plain})`, `cast(x'${hex}' as text)`, `${plain} || ''`])
  return random.pick([`e${plain}`, `$$${value}$$`, `(${plain})`, `${plain}::text`, `u&${plain}`])
}

import { wordOf } from '../token.ts'
import type { TokenReader } from './token-reader.ts'

/** What the words between two members of a FROM list say. */
export interface JoinWords {
  readonly kind: 'inner' | 'left' | 'right' | 'full'
  /** Joined by all columns of equal name. */
  readonly natural: boolean
  readonly cross: boolean
}

/** Goes past `[NATURAL] [INNER | CROSS | LEFT [OUTER] | ...] JOIN`; `undefined`, and no step, where no join stands. */
export function readJoin(reader: TokenReader): JoinWords | undefined {
  if (reader.dialect === 'mysql' && reader.takeWord('straight_join'))
    return { kind: 'inner', natural: false, cross: false }
  const start = reader.at
  const natural = reader.takeWord('natural')
  const word = wordOf(reader.peek())
  const outer =
    word === 'left' || word === 'right' || (word === 'full' && reader.dialect !== 'mysql')
  if (outer) {
    reader.skip()
    reader.takeWord('outer')
  } else if (!reader.takeWord('inner') && !natural) reader.takeWord('cross')
  if (reader.takeWord('join'))
    return { kind: outer ? word : 'inner', natural, cross: word === 'cross' }
  reader.at = start
  return undefined
}

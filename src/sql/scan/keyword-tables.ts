import type { Dialect } from '../../contract/dialect.ts'
import { isMark, type Token } from '../token.ts'
import type { Level } from './level.ts'

const set = (words: string): ReadonlySet<string> => new Set(words.split(/\s+/))

/** Words with a meaning to the scan that name a table all the same, without quotes, where a table may be named. In some version at least. */
const unreserved: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  sqlite: set(
    `offset fetch window minus only lateral ignore low_priority quick high_priority delayed concurrently if temporary temp unlogged local
     global inner left right full outer cross natural straight_join for force use partition lock tablesample replace merge truncate call`,
  ),
  postgres: set(
    `values minus ignore low_priority quick high_priority delayed if exists temporary temp unlogged local global straight_join set force
     use partition lock insert replace merge update delete truncate call`,
  ),
  mysql: set(
    `offset fetch window minus except intersect returning only lateral quick concurrently temporary temp unlogged local global full
     tablesample merge truncate`,
  ),
}

/** May the word, where a table is expected, be the name of one? */
export function mayNameTable(dialect: Dialect, word: string): boolean {
  return unreserved[dialect].has(word)
}

/** May such a word also be there for what it means: `select into temp t`, `from lateral (...)`, `delete quick t from t`? */
export function mayModify(
  dialect: Dialect,
  word: string,
  { role, targetEvents }: Level,
  next: Token | undefined,
): boolean {
  switch (dialect) {
    case 'sqlite':
      return false
    case 'postgres':
      return targetEvents.includes('schema')
    case 'mysql':
      return role === 'delete-target' || (word === 'lateral' && isMark(next, '('))
  }
}

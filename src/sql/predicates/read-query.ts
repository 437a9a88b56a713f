import type { Catalog } from '../catalog/catalog.ts'
import { cteNames } from '../scan/names.ts'
import { isMark, wordOf } from '../token.ts'
import { CommonTables } from './common-tables.ts'
import type { ExactToken } from './exact-tokens.ts'
import { isComparison, isMember, skipPart, startsQuery, type ReadNested } from './expression.ts'
import { allSources, Select } from './query-tree.ts'
import { endsClause, readCondition } from './read-condition.ts'
import { FromReader, type Surroundings } from './read-from.ts'
import type { TokenReader } from './token-reader.ts'

/**
 * Reads a whole query, from the reader's current token to the end of the text, into its SELECTs; `undefined` where anything is not
 * understood. No token is passed over unless it is certain that it names no table.
 *
 * Names are compared without regard to case. Where the server may see two in one, that is a text which is not understood.
 */
export function readQuery(reader: TokenReader, catalog: Catalog): readonly Select[] | undefined {
  if (confusesNames(reader.tokens)) return undefined
  const query = new QueryReader(reader, catalog)
  query.read({ commonTables: undefined, outer: undefined, everyRow: false })
  return reader.gaveUp || !reader.done ? undefined : query.selects
}

/** Are there two spellings of a name that stands before a dot, or that WITH gives to a query? */
function confusesNames(tokens: readonly ExactToken[]): boolean {
  const spellings = new Map<string, string>()
  const confused = new Set<string>()
  for (const { kind, text, spelling } of tokens) {
    if (kind !== 'word' && kind !== 'name') continue
    if ((spellings.get(text) ?? spelling) !== spelling) confused.add(text)
    spellings.set(text, spelling)
  }
  if (confused.size === 0) return false
  const common = cteNames(tokens)
  return tokens.some(
    ({ text }, at) => confused.has(text) && (common.has(text) || isMark(tokens[at + 1], '.')),
  )
}

const setOperators = new Set(['union', 'intersect', 'except'])

class QueryReader {
  readonly selects: Select[] = []
  readonly #reader: TokenReader
  readonly #from: FromReader

  constructor(reader: TokenReader, catalog: Catalog) {
    this.#reader = reader
    this.#from = new FromReader(reader, catalog, (around) => this.read(around))
  }

  /** [WITH ...] term [UNION term ...] [ORDER BY ...] [LIMIT ...] */
  read(around: Surroundings): void {
    this.#reader.deeper(() => {
      const inside = this.#with(around)
      let single = this.#term(inside)
      while (setOperators.has(wordOf(this.#reader.peek()))) {
        this.#reader.skip()
        if (!this.#reader.takeWord('all')) this.#reader.takeWord('distinct')
        this.#term(inside)
        single = undefined
      }
      this.#tail(inside, single)
    })
  }

  /** WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query), ... */
  #with(around: Surroundings): Surroundings {
    const reader = this.#reader
    if (!reader.takeWord('with')) return around
    const recursive = reader.takeWord('recursive')
    const commonTables = new CommonTables(around.commonTables)
    const inside = { ...around, commonTables, everyRow: around.everyRow || recursive }
    do {
      const name = reader.peek()
      if (name?.kind !== 'word' && name?.kind !== 'name') {
        reader.giveUp()
        break
      }
      reader.skip()
      if (reader.isMark('(')) this.#part(around)
      reader.expectWord('as')
      reader.takeWord('not')
      reader.takeWord('materialized')
      const visible = recursive || reader.dialect === 'sqlite'
      if (!commonTables.declare(name.text, visible)) reader.giveUp()
      reader.expectMark('(')
      this.read(inside)
      reader.expectMark(')')
      commonTables.complete(name.text)
    } while (reader.takeMark(','))
    return { ...around, commonTables }
  }

  /** A SELECT, VALUES, TABLE, or a query in parentheses. Returns the SELECT. */
  #term(around: Surroundings): Select | undefined {
    const reader = this.#reader
    if (reader.takeMark('(')) {
      this.read(around)
      reader.expectMark(')')
    } else if (!startsQuery(reader) || reader.isWord('with')) reader.giveUp()
    else if (reader.takeWord('select')) return this.#select(around)
    else if (reader.takeWord('values')) this.#values(around)
    else if (reader.takeWord('table')) {
      const select = this.#newSelect(around)
      this.#from.readTable(select, around)
    }
    return undefined
  }

  #newSelect(around: Surroundings): Select {
    const select = new Select(around.outer, around.everyRow)
    this.selects.push(select)
    return select
  }

  #select(around: Surroundings): Select {
    const reader = this.#reader
    const select = this.#newSelect(around)
    const inside = { ...around, outer: { select, visible: allSources } }
    if (reader.isWord('distinct') && reader.isWord('on', 1)) {
      reader.skip(2)
      this.#part(inside)
    }
    if (!reader.isWord('from')) this.#expressions(inside, true)
    if (reader.takeWord('from')) select.from = this.#from.read(select, around)
    if (reader.takeWord('where')) select.where = readCondition(reader, this.#nested(inside))
    if (reader.takeWord('group')) this.#by(inside)
    if (reader.takeWord('having')) this.#expressions(inside)
    if (reader.takeWord('window')) this.#expressions(inside)
    return select
  }

  /** VALUES [ROW] (...), ... */
  #values(around: Surroundings): void {
    const reader = this.#reader
    do {
      reader.takeWord('row')
      if (!reader.isMark('(')) return reader.giveUp()
      this.#part(around)
    } while (reader.takeMark(','))
  }

  /** ORDER BY, LIMIT, OFFSET, FETCH, in the order in which they come. */
  #tail(around: Surroundings, single: Select | undefined): void {
    const reader = this.#reader
    // After UNION there are only result columns to order by.
    const outer = { select: single ?? new Select(undefined, false), visible: allSources }
    const inside = { ...around, outer }
    for (;;) {
      if (reader.takeWord('order')) this.#by(inside)
      else if (reader.takeWord('limit') || reader.takeWord('offset') || reader.takeWord('fetch'))
        this.#expressions(inside)
      else return
    }
  }

  #by(around: Surroundings): void {
    this.#reader.expectWord('by')
    this.#expressions(around)
  }

  /** Expressions up to the end of the clause; there must be at least one. */
  #expressions(around: Surroundings, list = false): void {
    const reader = this.#reader
    const nested = this.#nested(around)
    const start = reader.at
    while (!reader.done && !reader.isMark(')') && !endsClause(reader, start)) {
      if (list && reader.isWord('from') && !isMember(reader) && !isComparison(reader)) break
      // A name of the user's own, whatever it says.
      if (list && reader.isWord('as') && reader.at > start) reader.skip()
      skipPart(reader, nested)
    }
    if (reader.at === start) reader.giveUp()
  }

  #part(around: Surroundings): void {
    skipPart(this.#reader, this.#nested(around))
  }

  #nested(around: Surroundings): ReadNested {
    return () => this.read(around)
  }
}

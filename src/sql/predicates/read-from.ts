import type { Catalog } from '../catalog/catalog.ts'
import { notAlias } from '../scan/keywords.ts'
import { isForeignName, isSystemName } from '../scan/system-names.ts'
import { isMark, isWord, wordOf } from '../token.ts'
import type { CommonTables } from './common-tables.ts'
import type { ColumnName, Condition } from './condition.ts'
import type { ExactToken } from './exact-tokens.ts'
import { skipPart } from './expression.ts'
import { readJoin, type JoinWords } from './join-words.ts'
import type { JoinTree, Outer, Select, SourceRange } from './query-tree.ts'
import { readCondition } from './read-condition.ts'
import type { TokenReader } from './token-reader.ts'

/** Where a query stands. */
export interface Surroundings {
  readonly commonTables: CommonTables | undefined
  /** The query around it, as far as it can be seen. */
  readonly outer: Outer | undefined
  /** Inside a recursive common table. */
  readonly everyRow: boolean
}

/** Table functions with a grammar of their own among their arguments. */
const withGrammar = new Set(['json_table', 'xmltable', 'rows'])

/** Reads FROM lists. */
export class FromReader {
  readonly #reader: TokenReader
  readonly #catalog: Catalog
  readonly #query: (around: Surroundings) => void

  /** @param query reads a query inside, up to the parenthesis that closes it */
  constructor(reader: TokenReader, catalog: Catalog, query: (around: Surroundings) => void) {
    this.#reader = reader
    this.#catalog = catalog
    this.#query = query
  }

  /** The list after FROM. */
  read(select: Select, around: Surroundings): JoinTree {
    return new FromList(this.#reader, this.#catalog, this.#query, select, around).list()
  }

  /** The one table of a TABLE command. */
  readTable(select: Select, around: Surroundings): void {
    this.#reader.takeWord('only')
    new FromList(this.#reader, this.#catalog, this.#query, select, around).bareTable()
  }
}

class FromList {
  readonly #reader: TokenReader
  readonly #catalog: Catalog
  readonly #query: (around: Surroundings) => void
  readonly #select: Select
  readonly #around: Surroundings

  constructor(
    reader: TokenReader,
    catalog: Catalog,
    query: (around: Surroundings) => void,
    select: Select,
    around: Surroundings,
  ) {
    this.#reader = reader
    this.#catalog = catalog
    this.#query = query
    this.#select = select
    this.#around = around
  }

  /** Chains of joins with commas between them. */
  list(): JoinTree {
    let tree = this.#chain()
    while (this.#reader.takeMark(',')) tree = inner(tree, this.#chain())
    return tree
  }

  bareTable(): void {
    this.#named(true)
  }

  /** `a JOIN b ON ... LEFT JOIN c ...`: every join takes what stands before it. On SQLite the comma is one of them. */
  #chain(): JoinTree {
    const reader = this.#reader
    const sqlite = reader.dialect === 'sqlite'
    let tree = this.#factor()
    let unconditional = false
    for (;;) {
      const words = sqlite && reader.takeMark(',') ? comma : readJoin(reader)
      if (words === undefined) return tree
      // MySQL finds out later to which join a condition belongs. It only matters to the rows that RIGHT adds.
      if (unconditional && words.kind === 'right') reader.giveUp()
      const right = this.#factor()
      const range = { first: tree.first, end: right.end }
      const on = this.#on(range)
      const using = on === undefined ? this.#using() : []
      if (on === undefined && using.length === 0) {
        if (this.#needsCondition(words)) reader.giveUp()
        unconditional ||= reader.dialect === 'mysql'
      } else if (words.natural) reader.giveUp()
      tree = { kind: words.kind, left: tree, right, on, using, ...range }
    }
  }

  /** Where a condition may come later, after further joins, another tree is meant than one reads from left to right. */
  #needsCondition(words: JoinWords): boolean {
    if (words.natural || this.#reader.dialect === 'sqlite') return false
    return this.#reader.dialect === 'postgres' ? !words.cross : words.kind !== 'inner'
  }

  #on(range: SourceRange): Condition | undefined {
    if (!this.#reader.takeWord('on')) return undefined
    const outer = { select: this.#select, visible: range }
    return readCondition(this.#reader, () => this.#query({ ...this.#around, outer }))
  }

  /** USING (a, b) */
  #using(): ColumnName[] {
    const reader = this.#reader
    const columns: ColumnName[] = []
    if (!reader.takeWord('using')) return columns
    reader.expectMark('(')
    do {
      const name = this.#nameToken()
      if (name === undefined) reader.giveUp()
      else columns.push({ qualifier: undefined, name: name.text, spelling: name.spelling })
      reader.skip()
    } while (reader.takeMark(','))
    reader.expectMark(')')
    return columns
  }

  /** A table, a function, a query or a list in parentheses. */
  #factor(): JoinTree {
    const reader = this.#reader
    const lateral = this.#takeLateral()
    if (!reader.isMark('(')) return this.#source(() => this.#named(false))
    if (this.#isQueryInParentheses()) return this.#source(() => this.#derived(lateral))
    let tree = this.#nowhere()
    reader.skip()
    reader.deeper(() => {
      tree = reader.dialect === 'postgres' ? this.#chain() : this.list()
      reader.expectMark(')')
    })
    // An alias would hide the names inside.
    if (lateral || this.#alias() !== undefined) reader.giveUp()
    return tree
  }

  /** Elsewhere it is a name. */
  #takeLateral(): boolean {
    const reader = this.#reader
    const means = reader.dialect === 'postgres' || reader.isMark('(', 1)
    return means && reader.dialect !== 'sqlite' && reader.takeWord('lateral')
  }

  #source(read: () => void): JoinTree {
    const first = this.#select.sources.length
    read()
    return { kind: 'source', first, end: this.#select.sources.length }
  }

  #nowhere(): JoinTree {
    const place = this.#select.sources.length
    return { kind: 'source', first: place, end: place }
  }

  /**
   * Does the parenthesis here hold a query, or a list of tables? `((select 1) union select 2)` is a query, `((select 1) as a join b)`
   * is a list.
   */
  #isQueryInParentheses(): boolean {
    const { tokens, at } = this.#reader
    let depth = 0
    while (isMark(tokens[at + depth], '(')) depth += 1
    const word = wordOf(tokens[at + depth])
    if (!/^(?:select|with|values|table)$/.test(word)) return false
    if (depth === 1) return true
    let open = 0
    for (let i = at + 1; i < tokens.length; i += 1) {
      if (isMark(tokens[i], '(')) open += 1
      else if (isMark(tokens[i], ')')) open -= 1
      if (open === 0) {
        const next = tokens[i + 1]
        return isMark(next, ')') || /^(?:union|intersect|except|order|limit)$/.test(wordOf(next))
      }
    }
    return false
  }

  #derived(lateral: boolean): void {
    const reader = this.#reader
    const outer = lateral ? this.#before() : this.#around.outer
    reader.skip()
    this.#query({ ...this.#around, outer })
    reader.expectMark(')')
    this.#add(this.#alias(), undefined)
  }

  /** What a source can see of those before it. */
  #before(): Outer {
    return { select: this.#select, visible: { first: 0, end: this.#select.sources.length } }
  }

  /** A table, view, common table or function. */
  #named(alone: boolean): void {
    const reader = this.#reader
    const only = reader.dialect === 'postgres' && this.#takeOnly()
    const parenthesised = only && reader.takeMark('(')
    const parts = this.#nameParts()
    const last = parts.at(-1)
    if (last === undefined) return reader.giveUp()
    if (reader.isMark('(')) return alone || only ? reader.giveUp() : this.#function(last)
    if (parenthesised) reader.expectMark(')')
    if (reader.dialect === 'postgres') reader.takeMark('*')
    const table = this.#baseTable(parts, last)
    const alias = alone ? undefined : this.#alias()
    this.#add(alias ?? { name: last, renames: false }, table)
  }

  #takeOnly(): boolean {
    const next = this.#reader.peek(1)
    const more = next?.kind === 'name' || next?.kind === 'word' || isMark(next, '(')
    return more && this.#reader.takeWord('only')
  }

  #nameToken(): ExactToken | undefined {
    const token = this.#reader.peek()
    return token?.kind === 'word' || token?.kind === 'name' ? token : undefined
  }

  #nameParts(): string[] {
    const reader = this.#reader
    const parts: string[] = []
    do {
      const part = this.#nameToken()
      if (part === undefined) return []
      // Where a keyword stands, something else was meant.
      if (parts.length === 0 && part.kind === 'word' && notAlias.has(part.text)) return []
      parts.push(part.text)
      reader.skip()
    } while (reader.takeMark('.'))
    return parts
  }

  /** The base table of this name, if it is one. */
  #baseTable(parts: readonly string[], last: string): string | undefined {
    const { dialect } = this.#reader
    const name = { parts, last, end: 0 }
    if (isForeignName(this.#catalog, name) || (parts.length > 1 && isSystemName(dialect, name))) {
      this.#reader.giveUp()
      return undefined
    }
    const { commonTables } = this.#around
    if (parts.length === 1) {
      const found = commonTables?.find(last)
      // SQLite lets any common table be recursive. Elsewhere all of a recursive WITH are told to keep every row.
      if (found === 'own' && !this.#around.everyRow) this.#reader.giveUp()
      if (found !== undefined) return undefined
    }
    if (this.#catalog.described(last) === undefined || this.#catalog.views.has(last))
      return undefined
    if (parts.length === 1) commonTables?.named(last)
    return last
  }

  /** `name(arguments) [WITH ORDINALITY]`: what it returns has columns of its own. */
  #function(name: string): void {
    const reader = this.#reader
    const sure =
      reader.dialect !== 'mysql' && !withGrammar.has(name) && !this.#catalog.hasTable(name)
    if (!sure) return reader.giveUp()
    const outer = this.#before()
    skipPart(reader, () => this.#query({ ...this.#around, outer }))
    if (reader.takeWord('with')) reader.expectWord('ordinality')
    const alias = this.#alias()
    this.#add({ name: alias?.name ?? name, renames: false }, undefined)
  }

  /** `[AS] name [(columns)]` */
  #alias(): { readonly name: string | undefined; readonly renames: boolean } | undefined {
    const reader = this.#reader
    const as = reader.takeWord('as')
    let token = this.#nameToken()
    if (token?.kind === 'word' && !as && notAlias.has(token.text)) token = undefined
    // On MySQL FULL is a name, but whoever writes it means a join.
    if (!as && reader.dialect === 'mysql' && isWord(token, 'full')) reader.giveUp()
    if (token !== undefined) reader.skip()
    else if (as && !reader.isMark('(')) reader.giveUp()
    if (!as && token === undefined) return undefined
    const renames = reader.isMark('(')
    if (renames) skipPart(reader, () => reader.giveUp())
    return { name: token?.text, renames }
  }

  #add(
    alias: { readonly name: string | undefined; readonly renames: boolean } | undefined,
    table: string | undefined,
  ): void {
    const plain =
      table !== undefined && alias?.renames !== true && this.#catalog.hasKnownColumns(table)
    this.#select.sources.push({ name: alias?.name, table, plain })
  }
}

const comma: JoinWords = { kind: 'inner', natural: false, cross: true }

function inner(left: JoinTree, right: JoinTree): JoinTree {
  return {
    kind: 'inner',
    left,
    right,
    on: undefined,
    using: [],
    first: left.first,
    end: right.end,
  }
}

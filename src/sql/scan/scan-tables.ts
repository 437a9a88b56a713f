import type { Dialect } from '../../contract/dialect.ts'
import { Effects } from '../effects.ts'
import type { KnownNames } from '../known-names.ts'
import { isMark, isNameLike, isWord, wordOf, type Token } from '../token.ts'
import { isVolatileWord, namesCurrentTime } from '../volatile-functions.ts'
import { assignedColumns } from './assigned-columns.ts'
import { mayModify, mayNameTable } from './keyword-tables.ts'
import { beforeTable, endsTables, isNoStatementAfter, notFunction } from './keywords.ts'
import { Level } from './level.ts'
import { MultiDelete } from './multi-delete.ts'
import { aliasAt, cteNames, readName, type DottedName } from './names.ts'
import { NameEffects } from './name-effects.ts'
import { isForeignName } from './system-names.ts'

/** How a piece of SQL is scanned. */
export interface ScanOptions {
  /** The body of a routine or trigger: many statements, where SELECT INTO fills variables. */
  readonly body?: boolean
}

/**
 * Finds the tables that SQL reads and writes and the functions that it calls, in one pass. It knows no grammar, only the
 * words after which tables are named; any other identifier that names a known table counts as read.
 */
export function scanTables(
  tokens: readonly Token[],
  names: KnownNames,
  options: ScanOptions = {},
): Effects {
  const scan = new TableScan(tokens, names, options.body === true)
  scan.run()
  return scan.effects
}

class TableScan {
  readonly effects: Effects = new Effects()
  readonly #tokens: readonly Token[]
  readonly #names: KnownNames
  readonly #dialect: Dialect
  readonly #body: boolean
  readonly #ctes: ReadonlySet<string>
  readonly #levels: Level[] = []
  readonly #named: NameEffects
  readonly #deletes: MultiDelete[] = []
  #top: Level = new Level('')
  #at = 0

  constructor(tokens: readonly Token[], names: KnownNames, body: boolean) {
    this.#tokens = tokens
    this.#names = names
    this.#dialect = names.rules.dialect
    this.#body = body
    this.#ctes = cteNames(tokens)
    this.#named = new NameEffects(this.effects, tokens, names, this.#ctes)
  }

  run(): void {
    for (; this.#at < this.#tokens.length; this.#at += 1) {
      const token = this.#tokens[this.#at]
      if (token !== undefined) this.#see(token)
    }
    for (const deletion of this.#deletes) deletion.resolve(this.effects)
  }

  #see(token: Token): void {
    if (token.kind === 'mark') this.#mark(token.text)
    else if (token.kind === 'value') this.#top.expects = false
    else if (isMark(this.#tokens[this.#at - 1], '.')) this.#member(token)
    else if (this.#top.expects && this.#isKeywordTable(token)) this.#table(token)
    else if (token.kind === 'word' && this.#keyword(token.text)) return
    else if (this.#top.expects) this.#table(token)
    else this.#identifier(token)
  }

  /** A known table with the name of a keyword. */
  #isKeywordTable({ kind, text }: Token): boolean {
    return kind === 'word' && mayNameTable(this.#dialect, text) && this.#names.hasTable(text)
  }

  #mark(mark: string): void {
    const top = this.#top
    if (mark === '(') {
      const level = new Level(wordOf(this.#tokens[this.#at - 1]))
      // from (with x as (...) select ...)
      if (top.expects && !isWord(this.#tokens[this.#at + 1], 'with')) level.list(top.role)
      top.expects = false
      this.#levels.push(top)
      this.#top = level
    } else if (mark === ')') this.#top = this.#levels.pop() ?? new Level('')
    else if (mark === ',') top.expects = top.inTables
    else if (mark === ';') {
      this.#levels.length = 0
      this.#top = new Level('')
    } else if (mark === '@' && this.#dialect === 'mysql') this.effects.volatile = true
  }

  /** Acts on a keyword. Returns false for words that may be names. */
  #keyword(word: string): boolean {
    const top = this.#top
    const before = wordOf(this.#tokens[this.#at - 1])
    const next = this.#tokens[this.#at + 1]
    switch (word) {
      case 'select':
        top.close()
        top.verb = word
        return true
      case 'from':
        return this.#from(before)
      case 'join':
        top.inTables = true
        top.expects = true
        return true
      case 'straight_join':
        if (this.#dialect === 'mysql' && top.inTables) top.expects = true
        return this.#dialect === 'mysql'
      case 'using':
        return this.#using(next)
      case 'into':
        return this.#into(next)
      case 'insert':
      case 'replace':
      case 'merge':
        return this.#insert(word, before, next)
      case 'update':
        return this.#update(before, next)
      case 'delete':
        return this.#delete(before, next)
      case 'truncate':
        return this.#truncate(next)
      case 'set':
        return this.#set()
      case 'table':
        if (top.expects || isMark(next, '(') || !isNameLike(next)) return true
        top.role = 'read'
        top.expects = true
        return true
      case 'in':
        if (this.#dialect === 'sqlite' && isNameLike(next)) {
          top.role = 'read'
          top.expects = true
        }
        return true
      case 'for':
        return this.#for(next)
      case 'lock':
        if (isWord(next, 'in')) this.effects.locks = true
        return false
      case 'then':
        if (top.verb === 'merge' && top.target !== undefined)
          this.#mergeAction(top.target, wordOf(next))
        return true
      case 'call':
        return this.#call(next)
      default:
        if (!endsTables.has(word)) return false
        if (before !== 'for') top.close()
        return true
    }
  }

  #from(before: string): boolean {
    const top = this.#top
    const beforeThat = wordOf(this.#tokens[this.#at - 2])
    if (before === 'distinct' && (beforeThat === 'is' || beforeThat === 'not')) return true
    // extract(year from x), trim(both from x)
    if (top.opener !== '' && top.verb === '' && !notFunction.has(top.opener)) return true
    if (top.role === 'delete-target') top.list('delete-source')
    else if (top.verb === 'delete' && top.role === 'delete' && !top.inTables) {
      if (this.#dialect === 'mysql') top.list('delete-target')
      else top.list('delete')
    } else top.list('read')
    return true
  }

  #using(next: Token | undefined): boolean {
    const top = this.#top
    if (top.verb === 'delete' && this.#dialect === 'mysql') {
      if (!isMark(next, '(') && top.role === 'delete-target') top.list('delete-source')
    } else if (top.verb === 'delete' || top.verb === 'merge') top.list('read')
    return true
  }

  #into(next: Token | undefined): boolean {
    const top = this.#top
    if (top.targetEvents.length > 0) {
      top.role = 'target'
      top.expects = true
      top.inTables = false
    } else if (top.verb === 'select') {
      this.effects.selectsInto = true
      if (this.#dialect === 'postgres' && !this.#body && isNameLike(next)) {
        top.targetEvents = ['schema', 'insert']
        top.role = 'target'
        top.expects = true
        top.inTables = false
      } else top.close()
    }
    return true
  }

  #insert(word: string, before: string, next: Token | undefined): boolean {
    if (isMark(next, '(') || isNoStatementAfter(before, this.#dialect)) return false
    if (word === 'merge' && !isWord(next, 'into')) return false
    const top = this.#top
    const bare = this.#dialect === 'mysql' && isNameLike(next)
    if (!bare && !isWord(next, 'into') && !isWord(next, 'or')) return false
    top.close()
    top.verb = word
    top.target = undefined
    const replaces =
      word === 'replace' || (isWord(next, 'or') && isWord(this.#tokens[this.#at + 2], 'replace'))
    // MERGE says later, after THEN, what else it does.
    top.targetEvents =
      word === 'merge' ? ['update'] : replaces ? ['insert', 'delete', 'update'] : ['insert']
    const soon = this.#tokens.slice(this.#at + 1, this.#at + 5)
    if (bare && !soon.some((token) => isWord(token, 'into'))) {
      top.role = 'target'
      top.expects = true
    }
    return true
  }

  #mergeAction(target: string, action: string): void {
    if (action === 'insert' || action === 'delete' || action === 'update')
      this.effects.change(target, action)
  }

  #update(before: string, next: Token | undefined): boolean {
    const top = this.#top
    if ((before === 'do' && this.#dialect !== 'mysql') || before === 'key') {
      if (top.target !== undefined) this.effects.change(top.target, 'update')
      return true
    }
    if (isNoStatementAfter(before, this.#dialect) || isMark(next, '(') || next === undefined)
      return before === 'for'
    if (before === 'then' && isWord(next, 'set')) return true
    top.close()
    top.verb = 'update'
    top.updateFrom = this.effects.changes.length
    top.list('update')
    top.inTables = this.#dialect === 'mysql'
    if (isWord(next, 'or')) {
      if (isWord(this.#tokens[this.#at + 2], 'replace')) top.targetEvents = ['delete']
      this.#at += 2
    } else top.targetEvents = []
    return true
  }

  #delete(before: string, next: Token | undefined): boolean {
    if (isNoStatementAfter(before, this.#dialect) || isMark(next, '(') || next === undefined)
      return false
    if (before === 'then' && this.#dialect !== 'mysql' && !isWord(next, 'from')) return true
    const top = this.#top
    top.close()
    top.verb = 'delete'
    top.role = 'delete'
    if (this.#dialect !== 'mysql') return true
    this.#deletes.push(new MultiDelete())
    let at = this.#at + 1
    while (beforeTable.has(wordOf(this.#tokens[at]))) at += 1
    if (!isWord(this.#tokens[at], 'from')) top.list('delete-target')
    return true
  }

  #truncate(next: Token | undefined): boolean {
    if (!isNameLike(next) || (this.#at > 0 && !this.#body)) return false
    this.#top.list('truncate')
    return true
  }

  #set(): boolean {
    const top = this.#top
    if (top.verb === 'update' && top.updateFrom >= 0) {
      const columns = assignedColumns(this.#tokens, this.#at + 1)
      const changes = this.effects.changes
      for (let i = top.updateFrom; columns !== undefined && i < changes.length; i += 1) {
        const change = changes[i]
        if (change?.event === 'update') changes[i] = { ...change, columns }
      }
      top.updateFrom = -1
    }
    top.close()
    return true
  }

  #for(next: Token | undefined): boolean {
    const word = wordOf(next)
    if (word === 'update' || word === 'share' || word === 'no' || word === 'key') {
      this.effects.locks = true
      this.#top.close()
    }
    return true
  }

  #call(next: Token | undefined): boolean {
    if (!isNameLike(next) || (this.#at > 0 && !this.#body)) return false
    const name = readName(this.#tokens, this.#at + 1)
    if (name === undefined) return false
    this.#named.call(name)
    this.#at = name.end - 1
    return true
  }

  /** A name where a table is expected. */
  #table(token: Token): void {
    const top = this.#top
    const next = this.#tokens[this.#at + 1]
    const follows = isNameLike(next) || isMark(next, '(')
    if (token.kind === 'word' && beforeTable.has(token.text) && follows) {
      if (!this.#isKeywordTable(token)) return
      if (mayModify(this.#dialect, token.text, top, next)) {
        this.effects.everything()
        return
      }
    }
    top.expects = false
    if (isWord(token, 'rows') && isWord(next, 'from')) return
    const name = readName(this.#tokens, this.#at)
    if (name === undefined) return
    this.#at = name.end - 1
    if (isMark(this.#tokens[name.end], '(') && top.role === 'read') {
      this.#named.call(name)
      if (this.#names.hasTable(name.last)) this.#named.read(name)
      return
    }
    this.#place(name, top)
  }

  #place(name: DottedName, top: Level): void {
    switch (top.role) {
      case 'read':
        return this.#named.read(name)
      case 'delete-target':
        if (isForeignName(this.#names, name)) this.effects.writesEverything = true
        return this.#deletes.at(-1)?.addTarget(name.last)
      case 'delete-source':
        this.#named.read(name)
        return this.#deletes.at(-1)?.addSource(name.last, aliasAt(this.#tokens, name.end))
      case 'target':
        top.target = name.last
        top.role = 'read'
        this.#named.write(name, top.targetEvents)
        top.targetEvents = []
        return
      case 'update':
        return this.#named.write(name, ['update', ...top.targetEvents])
      case 'delete':
        return this.#named.write(name, ['delete'])
      case 'truncate': {
        const cascades = this.#tokens.some((token) => isWord(token, 'cascade'))
        return this.#named.write(name, [cascades ? 'truncate-cascade' : 'truncate'])
      }
    }
  }

  /** A name after a dot outside of a list of tables: a column, or a function with its schema. */
  #member(token: Token): void {
    const name = token.text.toLowerCase()
    const called = isMark(this.#tokens[this.#at + 1], '(')
    if (called) {
      const qualifier = this.#tokens[this.#at - 2]?.text.toLowerCase() ?? ''
      this.#named.call({ parts: [qualifier, name], last: name, end: this.#at + 1 })
    } else if (this.#dialect === 'postgres' && this.#names.hasRoutine(name))
      this.effects.calls.add(name)
  }

  /** A name that stands for a column, an alias, a function, or anything else. */
  #identifier(token: Token): void {
    const name = token.text.toLowerCase()
    const next = this.#tokens[this.#at + 1]
    if (token.kind === 'string') {
      if (this.#dialect === 'postgres' && namesCurrentTime('postgres', name))
        this.effects.volatile = true
      // A session of MySQL may take double quotes for names.
      if (this.#dialect === 'mysql' && this.#names.hasTable(name)) this.effects.reads.add(name)
      return
    }
    if (isMark(next, '(') && this.#isCall(name)) {
      if (token.kind !== 'word' || !notFunction.has(name))
        this.#named.call({ parts: [name], last: name, end: this.#at + 1 })
      return
    }
    if (isWord(this.#tokens[this.#at - 1], 'as')) return
    if (token.kind === 'word' && isVolatileWord(this.#dialect, name) && !isMark(next, '.'))
      this.effects.volatile = true
    // MariaDB: NEXT VALUE FOR sequence
    if (name === 'value' && /^(?:next|previous)$/.test(wordOf(this.#tokens[this.#at - 1]))) {
      this.effects.volatile = true
    }
    if (this.#names.hasTable(name)) this.effects.reads.add(name)
  }

  /** Or is it the alias of a table, or a common table expression, with a list of columns? */
  #isCall(name: string): boolean {
    const before = this.#tokens[this.#at - 1]
    if (this.#names.hasRoutine(name)) return true
    return !isWord(before, 'as') && !isMark(before, ')') && !this.#ctes.has(name)
  }
}

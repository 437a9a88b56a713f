import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Seeded } from '../../support/seed.ts'

/** The tables of random queries, as `catalogOf` takes them. `x` is no key column. */
export const randomTables: Readonly<Record<string, string>> = {
  p: '#id:integer! #k:integer #s:text x',
  c: '#id:integer! #pid:integer #k:integer x',
  d: '#id:integer! #cid:integer #k:integer #s:text x',
}

/** Columns of the tables, in order. */
export const randomColumns: Readonly<Record<string, readonly string[]>> = {
  p: ['id', 'k', 's', 'x'],
  c: ['id', 'pid', 'k', 'x'],
  d: ['id', 'cid', 'k', 's', 'x'],
}

/** How the tables are created, on all three databases. */
export function createTables(dialect: Dialect): string[] {
  const text = dialect === 'sqlite' ? 'text collate nocase' : 'varchar(20)'
  return [
    `create table p (id int primary key, k int, s ${text}, x int)`,
    'create table c (id int primary key, pid int, k int, x int)',
    'create table d (id int primary key, cid int, k int, s varchar(20), x int)',
  ]
}

/** A value of a column, as it is bound. */
export type RandomValue = number | string | null

/** A random value for a column of the tables. */
export function randomValue({ int, random, pick }: Seeded, column: string): RandomValue {
  if (column !== 'id' && random() < 0.12) return null
  return column === 's' ? pick(['a', 'b', 'c', 'A']) : int(4) + 1
}

interface Named {
  readonly alias: string
  readonly columns: readonly string[]
}

/** What a condition or expression can name: the sources of its query, and those of the queries around it. */
interface Scope {
  readonly own: readonly Named[]
  readonly outer: readonly Named[]
}

/** A query, and what is bound to it. */
export interface RandomQuery {
  readonly sql: string
  readonly bindings: readonly RandomValue[]
}

/** Writes random queries: joins of all kinds and nestings, conditions, subqueries everywhere, set operations, common tables. */
export class QueryWriter {
  readonly #seeded: Seeded
  readonly #dialect: Dialect
  /** Values by the order in which they were thought of; the text is not written from left to right. */
  #values: RandomValue[] = []
  #aliases = 0
  #common: Named[] = []

  constructor(seeded: Seeded, dialect: Dialect) {
    this.#seeded = seeded
    this.#dialect = dialect
  }

  query(): RandomQuery {
    this.#values = []
    this.#aliases = 0
    this.#common = []
    const text = `${this.#chance(0.12) ? this.#with() : ''}${this.#compound()}`
    const bindings: RandomValue[] = []
    const sql = text.replaceAll(/<(\d+)>/g, (_, index: string) => {
      bindings.push(this.#values[Number(index)] ?? null)
      return '?'
    })
    return { sql, bindings }
  }

  #chance(share: number): boolean {
    return this.#seeded.random() < share
  }

  #pick<T>(list: readonly T[]): T {
    return this.#seeded.pick(list)
  }

  #times(n: number, make: () => string, separator: string): string {
    return Array.from({ length: n }, make).join(separator)
  }

  #with(): string {
    const name = this.#pick(['w', 'c'])
    const body = `select id, k from ${this.#pick(['p', 'd'])} where ${this.#condition({ own: [{ alias: '', columns: ['id', 'k', 'x'] }], outer: [] }, 1)}`
    this.#common = [{ alias: name, columns: ['id', 'k'] }]
    return `with ${name} as (${body}) `
  }

  #compound(): string {
    const arms = this.#chance(0.12) ? 2 : 1
    return this.#times(
      arms,
      () => this.#select([], 2, arms > 1),
      this.#pick([' union all ', ' union ', ' except ']),
    )
  }

  /** @param depth how deep further queries may go */
  #select(outer: readonly Named[], depth: number, plain = false): string {
    const own: Named[] = []
    const from = this.#from(own, outer, 1 + this.#seeded.int(depth > 1 ? 4 : 2), depth)
    const scope = { own, outer }
    const where = this.#chance(0.85) ? ` where ${this.#condition(scope, depth)}` : ''
    if (plain) return `select ${this.#column(own)} as a from ${from}${where}`
    const shape = this.#seeded.random()
    if (shape < 0.25)
      return `select count(*) as n, max(${this.#column(own)}) as m from ${from}${where}`
    if (shape < 0.35) {
      const group = this.#column(own)
      const having = this.#chance(0.5) ? ` having count(*) > ${this.#bind(1)}` : ''
      return `select ${group} as g, count(*) as n from ${from}${where} group by ${group}${having}`
    }
    const list = this.#times(1 + this.#seeded.int(3), () => this.#expression(scope, depth), ', ')
    const named = list.split(', ').length === 1 ? `${list} as a` : list
    return `select ${this.#chance(0.15) ? 'distinct ' : ''}${named} from ${from}${where}`
  }

  #expression(scope: Scope, depth: number): string {
    if (depth > 0 && this.#chance(0.12))
      return `(select count(*) from ${this.#correlated(scope, depth).text})`
    return this.#column(scope.own)
  }

  /** FROM and WHERE of a query inside another. */
  #correlated(scope: Scope, depth: number): { readonly text: string; readonly column: string } {
    const own: Named[] = []
    const outer = [...scope.own, ...scope.outer]
    const from = this.#from(own, outer, 1 + this.#seeded.int(2), depth - 1)
    const equation = `${this.#column(own)} = ${this.#column(outer)}`
    const rest = this.#condition({ own, outer }, depth - 1)
    const text = `${from} where ${this.#chance(0.6) ? `${equation} and ${rest}` : rest}`
    return { text, column: this.#column(own) }
  }

  #from(own: Named[], outer: readonly Named[], size: number, depth: number): string {
    let text = this.#factor(own, outer, depth)
    for (let i = 1; i < size; i += 1) {
      const before = own.length
      if (i + 1 < size && this.#chance(0.25)) {
        const inside: Named[] = []
        const nested = this.#from(inside, outer, 2, depth)
        own.push(...inside)
        text = this.#join(text, `(${nested})`, own, outer, depth)
        i += 1
      } else {
        const right = this.#factor(own, outer, depth)
        text = this.#join(text, right, own, outer, depth)
      }
      if (own.length === before) throw new Error('a join of nothing')
    }
    return text
  }

  #join(
    left: string,
    right: string,
    own: readonly Named[],
    outer: readonly Named[],
    depth: number,
  ): string {
    const share = this.#seeded.random()
    if (share < 0.06) return `${left} cross join ${right}`
    if (share < 0.12 && this.#dialect === 'sqlite') return `${left}, ${right}`
    const kinds = ['join', 'inner join', 'left join', 'left join', 'left outer join', 'right join']
    if (this.#dialect !== 'mysql') kinds.push('full join')
    // PostgreSQL joins by FULL only on equations.
    const kind = this.#pick(kinds)
    const equation = `${this.#column(own.slice(0, -1))} = ${this.#column(own.slice(-1))}`
    if (kind === 'full join' && this.#dialect === 'postgres')
      return `${left} full join ${right} on ${equation}`
    const on = this.#pick([
      () => equation,
      () => equation,
      () => `${equation} and (${this.#condition({ own, outer }, Math.min(depth, 1))})`,
      () => `${equation} and ${this.#atom({ own, outer })}`,
      () => this.#condition({ own, outer }, Math.min(depth, 1)),
      () => `${this.#column(own)} is null`,
    ])
    return `${left} ${kind} ${right} on ${on()}`
  }

  #factor(own: Named[], outer: readonly Named[], depth: number): string {
    this.#aliases += 1
    const alias = `t${this.#aliases}`
    if (this.#common.length > 0 && this.#chance(0.4)) {
      const [common] = this.#common as [Named]
      own.push({ alias, columns: common.columns })
      return `${common.alias} as ${alias}`
    }
    if (depth > 0 && this.#chance(0.1)) {
      const inside: Named[] = []
      // MariaDB lets a derived table see nothing around it.
      const around = this.#dialect === 'mysql' ? [] : outer
      const from = this.#from(inside, around, 1 + this.#seeded.int(2), depth - 1)
      const where = this.#condition({ own: inside, outer: around }, depth - 1)
      const list = `${this.#column(inside)} as id, ${this.#column(inside)} as k`
      const text = `(select ${list} from ${from} where ${where}) as ${alias}`
      own.push({ alias, columns: ['id', 'k'] })
      return text
    }
    const table = this.#pick(['p', 'c', 'd'])
    if (this.#common.some((common) => common.alias === table)) {
      own.push({ alias, columns: ['id', 'k'] })
      return `${table} as ${alias}`
    }
    own.push({ alias, columns: randomColumns[table] ?? [] })
    return `${table} ${this.#pick(['as ', ''])}${alias}`
  }

  #column(among: readonly Named[]): string {
    const source = this.#pick(among)
    const column = this.#pick(source.columns.filter((each) => each !== 's'))
    return source.alias === '' ? column : `${source.alias}.${column}`
  }

  #bind(value: RandomValue): string {
    this.#values.push(value)
    return `<${this.#values.length - 1}>`
  }

  #value(column: string): string {
    const value = randomValue(this.#seeded, column)
    if (value === null || this.#chance(0.8)) {
      const spelled = typeof value === 'number' && this.#chance(0.1) ? String(value) : value
      return this.#bind(spelled)
    }
    return typeof value === 'number' ? String(value) : `'${value}'`
  }

  #condition(scope: Scope, depth: number): string {
    const share = this.#seeded.random()
    if (share < 0.3)
      return this.#times(2 + this.#seeded.int(2), () => this.#term(scope, depth), ' and ')
    if (share < 0.42) return this.#times(2, () => this.#term(scope, depth), ' or ')
    if (share < 0.5)
      return `${this.#term(scope, depth)} and ${this.#term(scope, depth)} or ${this.#term(scope, depth)}`
    return this.#term(scope, depth)
  }

  #term(scope: Scope, depth: number): string {
    const share = this.#seeded.random()
    if (share < 0.12 && depth > 0) return `(${this.#condition(scope, depth - 1)})`
    if (share < 0.15 && depth > 0) return `not (${this.#condition(scope, depth - 1)})`
    if (share < 0.18) return `not ${this.#atom(scope)}`
    if (share < 0.28 && depth > 0) return this.#subquery(scope, depth)
    if (share < 0.4) return `${this.#column(scope.own)} = ${this.#anyColumn(scope)}`
    return this.#atom(scope)
  }

  #anyColumn(scope: Scope): string {
    return this.#column(scope.outer.length > 0 && this.#chance(0.3) ? scope.outer : scope.own)
  }

  #subquery(scope: Scope, depth: number): string {
    const form = this.#pick(['exists', 'not exists', 'in', 'not in', '>='])
    const { text, column } = this.#correlated(scope, depth)
    if (form === 'exists' || form === 'not exists') return `${form} (select 1 from ${text})`
    if (form === '>=') return `${this.#bind(1)} >= (select count(*) from ${text})`
    return `${this.#column(scope.own)} ${form} (select ${column} from ${text})`
  }

  #atom(scope: Scope): string {
    const source = this.#pick(this.#chance(0.1) && scope.outer.length > 0 ? scope.outer : scope.own)
    const column = this.#pick(source.columns)
    const name = source.alias === '' ? column : `${source.alias}.${column}`
    const share = this.#seeded.random()
    if (share < 0.4) return `${name} = ${this.#value(column)}`
    if (share < 0.45) return `${this.#value(column)} = ${name}`
    if (share < 0.6)
      return `${name} in (${this.#times(1 + this.#seeded.int(3), () => this.#value(column), ', ')})`
    if (share < 0.72) return `${name} is null`
    if (share < 0.76) return `${name} is not null`
    if (share < 0.8) return `${name} <> ${this.#value(column)}`
    if (share < 0.84) return `${name} between ${this.#value(column)} and ${this.#value(column)}`
    if (share < 0.87)
      return `case when ${name} = ${this.#value(column)} and 1 = 1 then 1 else 2 end = 1`
    if (share < 0.9) return `(${name}, ${name}) = (${this.#value(column)}, ${this.#value(column)})`
    if (share < 0.93) return `coalesce(${name}, ${this.#value(column)}) = ${this.#value(column)}`
    return this.#pick(['1 = 0', '1 = 1', '2 = 2', `${name} > ${this.#value(column)}`])
  }
}

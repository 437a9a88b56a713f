import type { Knex } from 'knex'
import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Seeded } from '../../support/seed.ts'
import { seededUuid } from './schema.ts'

type Value = string | number | bigint | null | Knex.Raw

interface TableShape {
  readonly name: string
  readonly columns: Readonly<
    Record<string, 'id' | 'int' | 'small' | 'email' | 'slug' | 'code' | 'uuid' | 'word'>
  >
  readonly keys: readonly (readonly string[])[]
}

const shapes: readonly TableShape[] = [
  {
    name: 'users',
    columns: { id: 'id', email: 'email', tenant: 'small', ref: 'uuid', name: 'word' },
    keys: [['id'], ['email'], ['ref']],
  },
  {
    name: 'posts',
    columns: { Id: 'id', user_id: 'id', slug: 'slug', body: 'word' },
    keys: [['Id'], ['slug']],
  },
  { name: 'comments', columns: { id: 'id', post_id: 'id' }, keys: [['id']] },
  { name: 'mentions', columns: { id: 'id', email: 'email' }, keys: [['id']] },
  { name: 'notes', columns: { id: 'id', writer: 'id', reader: 'id' }, keys: [['id']] },
  { name: 'pairs', columns: { a: 'id', b: 'small', v: 'id' }, keys: [['a', 'b'], ['v']] },
  { name: 'kids', columns: { id: 'id', x: 'id', y: 'small' }, keys: [['id']] },
  { name: 'nodes', columns: { id: 'id', parent: 'id' }, keys: [['id']] },
  { name: 'codes', columns: { code: 'code', kind: 'small', uses: 'int' }, keys: [['code']] },
  { name: 'stamped', columns: { id: 'id', email: 'email', tenant: 'small' }, keys: [['id']] },
  { name: 'echoing', columns: { id: 'id', email: 'email', tenant: 'small' }, keys: [['id']] },
]

/** Makes up writes of one table as applications send them. */
export class RandomWrites {
  readonly #knex: Knex
  readonly #dialect: Dialect
  readonly #seeded: Seeded

  constructor(knex: Knex, dialect: Dialect, seeded: Seeded) {
    this.#knex = knex
    this.#dialect = dialect
    this.#seeded = seeded
  }

  next(): Knex.QueryBuilder {
    const table = this.#seeded.pick(shapes)
    const die = this.#seeded.random()
    if (die < 0.35) return this.#insert(table)
    const builder = this.#knex(table.name)
    this.#where(builder, table)
    if (die < 0.75) void builder.update(this.#assigned(table))
    else void builder.del()
    if (this.#dialect !== 'mysql' && this.#seeded.random() < 0.15)
      void builder.returning(this.#seeded.pick([['*'], [this.#column(table)]]))
    if (this.#dialect === 'mysql' && die < 0.75 && this.#seeded.random() < 0.1)
      void builder.limit(2).orderBy(this.#column(table))
    return builder
  }

  #insert(table: TableShape): Knex.QueryBuilder {
    const { random, int, pick } = this.#seeded
    const fixed = random() < 0.5
    const skipped = Object.keys(table.columns).filter(() => random() < 0.35)
    const rows = Array.from({ length: 1 + int(3) }, () => {
      const row: Record<string, Value> = {}
      for (const name of Object.keys(table.columns)) {
        const skip = fixed ? skipped.includes(name) : random() < 0.3
        if (!skip) row[name] = this.#value(table, name)
      }
      return row
    })
    const first = rows[0] ?? {}
    const builder = this.#knex(table.name).insert(rows.length > 1 ? rows : first)
    const conflict = pick(table.keys)
    const die = random()
    if (die < 0.1) void builder.onConflict([...conflict]).ignore()
    else if (die < 0.25) void builder.onConflict([...conflict]).merge()
    else if (die < 0.4) void builder.onConflict([...conflict]).merge([this.#column(table)])
    else if (die < 0.6 && this.#dialect !== 'mysql')
      void builder
        .onConflict([...conflict])
        .merge(this.#assigned(table))
        .where(`${table.name}.${this.#column(table)}`, pick([1, 2, '3']))
    if (this.#dialect !== 'mysql' && random() < 0.15) void builder.returning('*')
    return builder
  }

  #assigned(table: TableShape): Record<string, Value> {
    const assigned: Record<string, Value> = {}
    for (let i = 0; i <= this.#seeded.int(2); i += 1) {
      const name = this.#column(table)
      assigned[name] = this.#value(table, name)
    }
    return assigned
  }

  #where(builder: Knex.QueryBuilder, table: TableShape, depth = 0): void {
    const { random, int, pick } = this.#seeded
    for (let i = 0; i <= int(2); i += 1) {
      const name = this.#column(table)
      const kind = random()
      const way = random() < 0.75 ? 'and' : 'or'
      const target = way === 'or' ? builder.or : builder.and
      if (kind < 0.45) void target.where(name, this.#plain(table, name))
      else if (kind < 0.65)
        void target.whereIn(
          name,
          Array.from({ length: int(4) }, () => this.#plain(table, name)),
        )
      else if (kind < 0.72) void target.whereNull(name)
      else if (kind < 0.82) void target.whereRaw('?? <> ?', [name, this.#plain(table, name)])
      else if (kind < 0.9) void target.whereNot(name, this.#plain(table, name))
      else if (depth < 2)
        void target.where((inner) => {
          this.#where(inner, table, depth + 1)
        })
      else
        void target.whereIn(
          ['a', 'b'].includes(name) ? ['a', 'b'] : [name],
          pick([
            [[1, 1]],
            [
              [2, 0],
              [3, 1],
            ],
          ]).map((pair) => pair.slice(0, ['a', 'b'].includes(name) ? 2 : 1)),
        )
    }
  }

  #column(table: TableShape): string {
    return this.#seeded.pick(Object.keys(table.columns))
  }

  #value(table: TableShape, name: string): Value {
    const { random } = this.#seeded
    const die = random()
    const type = table.columns[name]
    if (die < 0.08) return null
    if (die < 0.16 && (type === 'id' || type === 'small' || type === 'int'))
      return this.#knex.raw(
        this.#seeded.pick(['1 + 1', '3', '-2', "'4'", 'abs(-5)', 'default', '0', 'null']),
      )
    if (die < 0.16 && type !== 'uuid')
      return this.#knex.raw(
        this.#seeded.pick(["'u2@x'", "'a' || 'b'", "'C1'", 'null', "upper('s1')", '1.50', '1e3']),
      )
    return this.#plain(table, name)
  }

  #plain(table: TableShape, name: string): string | number {
    const { int, pick } = this.#seeded
    const n = 1 + int(8)
    switch (table.columns[name]) {
      case 'id':
        return pick([n, n, n, String(n), n > 6 ? 0 : n])
      case 'small':
        return int(3)
      case 'int':
        return int(50)
      case 'email':
        return pick([`u${String(n)}@x`, `U${String(n)}@x`])
      case 'slug':
        return `s${String(n)}`
      case 'code':
        return pick([`c${String(n)}`, `C${String(n)} `])
      case 'uuid':
        return pick([seededUuid(n), seededUuid(n).toUpperCase()])
      default:
        return 'w'
    }
  }
}

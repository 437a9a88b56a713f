import type { Dialect } from '../../../src/contract/dialect.ts'
import type { Seeded } from '../../support/seed.ts'
import { engineless } from './effect.ts'
import type { Actor, Operation, Scenario } from './scenario.ts'
import { committed, read, rolledBack, write } from './scenario.ts'
import * as sql from './statements.ts'
import type { Query, Statement } from './statements.ts'

const rows = [1, 2, 3]

/** The row that only other programs change. */
const outside = sql.byId('o', 1)

/**
 * Two or three writers with a few operations each, three to five readers, now and then a clear after a change by another program and a change of
 * the schema, and accidents of all kinds.
 */
export function randomScenario(processes: readonly string[], random: Seeded): Scenario {
  const dialect = random.pick<Dialect>(['postgres', 'postgres', 'mysql', 'sqlite'])
  const draw = new Draw(dialect, random)
  const actors: Actor[] = []
  const add = (kind: string, count: number, operations: () => Operation[]): void => {
    for (let at = 1; at <= count; at++) {
      const name = `${kind} ${at}`
      actors.push({ name, process: random.pick(processes), operations: operations() })
    }
  }
  add('writer', 2 + random.int(2), () => draw.some(1 + random.int(3), () => draw.writing()))
  add('reader', 3 + random.int(3), () => draw.some(2 + random.int(2), () => draw.reading()))
  if (random.int(3) === 0) add('owner', 1, () => draw.clearing())
  if (random.int(4) === 0) add('designer', 1, () => draw.designing())
  const writers = actors.filter(({ name }) => name.startsWith('writer')).map(({ name }) => name)
  const isServer = dialect !== 'sqlite'
  const workers = processes.filter((process) => process !== 'primary')
  return {
    name: 'by chance',
    dialect,
    actors,
    views: new Map([['v', 't.1']]),
    warm: draw.some(random.int(3), () => [random.pick(actors).process, draw.query()] as const),
    ticks: random.int(3),
    cuts: isServer && random.int(2) === 0 ? writers : [],
    impatient: isServer && random.int(2) === 0 ? writers : [],
    kills: random.int(3) === 0 ? (random.int(4) === 0 ? processes : workers) : [],
    disconnects: random.int(4) === 0 ? workers : [],
    silences: random.int(6) === 0 ? workers : [],
  }
}

/** Draws operations. */
class Draw {
  readonly #dialect: Dialect
  readonly #random: Seeded

  constructor(dialect: Dialect, random: Seeded) {
    this.#dialect = dialect
    this.#random = random
  }

  some<T>(count: number, draw: () => T): T[] {
    return Array.from({ length: count }, draw)
  }

  query(): Query {
    const row = this.#random.pick(rows)
    const queries = [
      sql.byId('t', row),
      sql.byId('t', row),
      sql.byTenant('t', row),
      sql.byBoth('t', row),
      sql.all('t', rows),
      sql.byId('u', 1),
      sql.byView('v'),
      outside,
    ]
    if (this.#dialect === 'mysql') queries.push(sql.byId(engineless, 1))
    return this.#random.pick(queries)
  }

  reading(): Operation {
    return read(this.query())
  }

  writing(): Operation {
    const random = this.#random
    const statements = this.some(1 + random.int(3), () => this.#statement())
    switch (random.int(7)) {
      case 0:
        return committed(...statements)
      case 1:
        return committed(...this.#divided(statements))
      case 2:
        return rolledBack(...statements, this.query())
      case 3:
        return committed(this.query(), ...statements)
      case 4:
        return this.#atOnce()
      default:
        return write(this.#statement())
    }
  }

  /** One write, on an engine where writes of a transaction wait for nothing: else it may end in one of the corners of the test. */
  #atOnce(): Operation {
    if (this.#dialect !== 'postgres') return write(this.#statement())
    const operation = committed(this.query(), this.#statement(false))
    return { ...operation, atOnce: 'all but the first' }
  }

  clearing(): Operation[] {
    const clear = this.#random.pick<Operation>([
      { do: 'clear' },
      { do: 'clear', table: 'o' },
      { do: 'clear', table: 'o', row: 1 },
    ])
    return [{ do: 'outside', rows: ['o.1'] }, clear]
  }

  designing(): Operation[] {
    const change = this.#random.pick([sql.createTrigger('t', 'u.1'), sql.defineView('v', 'u.1')])
    return [write(change)]
  }

  #statement(mayBeRefused = true): Statement {
    const random = this.#random
    const row = random.pick(rows)
    const mysql = this.#dialect === 'mysql'
    const refused = random.int(8) > 0 || !mayBeRefused ? undefined : mysql ? 'part' : 'transaction'
    const options = refused === undefined ? {} : ({ refused } as const)
    const statements = [
      sql.updateById('t', row, options),
      sql.updateById('t', row, options),
      sql.updateByTenant('t', row, options),
      sql.updateFound('t', rows.slice(random.int(3)), options),
      sql.updateUnknown('t', rows, options),
      sql.updateById('u', 1, options),
    ]
    if (mysql) statements.push(sql.updateById(engineless, 1, options))
    return random.pick(statements)
  }

  /** With a savepoint before the last statement, which is rolled back or released. */
  #divided(statements: readonly Statement[]): Statement[] {
    const end = this.#random.pick([sql.rollbackTo(), sql.release()])
    return [...statements.slice(0, -1), sql.savepoint(), ...statements.slice(-1), end]
  }
}

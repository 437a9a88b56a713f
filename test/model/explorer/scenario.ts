import type { Dialect } from '../../../src/contract/dialect.ts'
import { begin, commit, rollback } from './statements.ts'
import type { Query, Statement } from './statements.ts'

/** What a process is told to do. */
export type Operation =
  | { readonly do: 'read'; readonly query: Query }
  /** Statements one after the other on one connection; queries among them are cached ones. Stops at the first that is refused. */
  | {
      readonly do: 'session'
      readonly statements: readonly (Statement | Query)[]
      /** Sent without waiting for each other's answers: all of them, or all but the first, which opens the transaction. */
      readonly atOnce?: 'all' | 'all but the first'
    }
  /** `DB.cache.clear()`, of everything, of a table, or of the row of a table with this id. */
  | { readonly do: 'clear'; readonly table?: string; readonly row?: number }
  /** Another program, which knows nothing of the cache, changes rows. */
  | { readonly do: 'outside'; readonly rows: readonly string[] }

/** Does its operations one after the other; each begins some time after the one before has ended. */
export interface Actor {
  readonly name: string
  readonly process: string
  readonly operations: readonly Operation[]
  /** Actors that do the same in the same place, and so may as well begin in the order of the list. */
  readonly likeThePrevious?: boolean
}

/** What happens at once in a history, and what may go wrong meanwhile. */
export interface Scenario {
  readonly name: string
  readonly actors: readonly Actor[]
  /** `postgres` unless given. */
  readonly dialect?: Dialect
  /** Read before everything else, so that there is an entry, in the process of this name. */
  readonly warm?: readonly (readonly [process: string, query: Query])[]
  /** Queries that no write of the scenario can change: after all is over their entries are still there. */
  readonly keeps?: readonly Query[]
  /** How many timers may run while others are still at work; none unless given. */
  readonly ticks?: number
  /** Processes of which one may be killed. */
  readonly kills?: readonly string[]
  /** Processes of which one may lose its line to the others. */
  readonly disconnects?: readonly string[]
  /** Processes of which one may find its line to the others silent. */
  readonly silences?: readonly string[]
  /** Actors of which one may lose its database connection, at any time. */
  readonly cuts?: readonly string[]
  /** Actors for one of which the driver may lose patience: the statement goes on. */
  readonly impatient?: readonly string[]
  /** The row behind each view at first. */
  readonly views?: ReadonlyMap<string, string>
}

/** Statements on one connection. */
export type SessionOperation = Operation & { readonly do: 'session' }

/** A cached read. */
export function read(query: Query): Operation {
  return { do: 'read', query }
}

/** A statement in autocommit mode. */
export function write(statement: Statement): SessionOperation {
  return { do: 'session', statements: [statement] }
}

/** A transaction that ends with COMMIT. */
export function committed(...statements: (Statement | Query)[]): SessionOperation {
  return { do: 'session', statements: [begin(), ...statements, commit] }
}

/** A transaction that ends with ROLLBACK. */
export function rolledBack(...statements: (Statement | Query)[]): SessionOperation {
  return { do: 'session', statements: [begin(), ...statements, rollback] }
}

/** Actors that each do the same once: `n` readers at a time. */
export function times(n: number, actor: Actor): Actor[] {
  return Array.from({ length: n }, (_, at) => ({
    ...actor,
    name: `${actor.name}${at + 1}`,
    likeThePrevious: at > 0,
  }))
}

/** The queries that a scenario asks, each once. */
export function queriesOf(scenario: Scenario): Query[] {
  const queries = new Map<string, Query>()
  const add = (query: Query): void => void queries.set(query.text, query)
  for (const [, query] of scenario.warm ?? []) add(query)
  for (const { operations } of scenario.actors) {
    for (const operation of operations) if (operation.do === 'read') add(operation.query)
  }
  return [...queries.values()]
}

/** Whether the statement is a query. */
export function isQuery(statement: Statement | Query): statement is Query {
  return statement.effect.do === 'select'
}

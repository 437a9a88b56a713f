import { read } from './scenario.ts'
import type { Actor, Operation } from './scenario.ts'
import * as sql from './statements.ts'
import type { Query } from './statements.ts'

export const one: Query = sql.byId('t', 1)
export const two: Query = sql.byId('t', 2)
export const both: Query = sql.all('t', [1, 2])

/** There is an entry of the first row. */
export const warmOne = [['a', one]] as const

export function actor(name: string, process: string, ...operations: Operation[]): Actor {
  return { name, process, operations }
}

/** Reads a query so often, one time after the other. */
export function reader(process: string, query: Query, reads = 1): Actor {
  return actor('reader', process, ...Array.from({ length: reads }, () => read(query)))
}

/** A second one of its kind. */
export function other(actor: Actor): Actor {
  return { ...actor, name: `other ${actor.name}` }
}

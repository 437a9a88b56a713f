import type { Knex } from 'knex'

/** One call on a builder, or on the join that a function is given: a method and its arguments. */
export type Step = readonly [method: string, ...args: unknown[]]

type Methods = Readonly<Record<string, (...args: unknown[]) => unknown>>

/** Makes the calls, one on the result of the other as users do, but that `using` returns no join. */
export function apply(target: object, steps: readonly Step[]): void {
  for (const [method, ...args] of steps) {
    const call = (target as Methods)[method]
    if (call === undefined) throw new Error(`no method ${method}`)
    call.apply(target, args)
  }
}

/** A function as Knex takes it for a group, a subquery or a join: it makes the calls each time. */
export function callback(steps: readonly Step[], asThis: boolean): unknown {
  if (asThis) {
    return function (this: object) {
      apply(this, steps)
    }
  }
  return (target: object) => {
    apply(target, steps)
  }
}

/** A builder of its own, for a subquery. */
export function build(knex: Knex, steps: readonly Step[]): Knex.QueryBuilder {
  const builder = knex.queryBuilder()
  apply(builder, steps)
  return builder
}

import type { Knex } from 'knex'

interface Compiler {
  toSQL(...args: unknown[]): unknown
}

/** Counts the builders that an instance compiles from now on; at Knex's own compiler, which is no method of the client's. */
export function countCompiled(knex: Knex): { readonly count: () => number; stop(): void } {
  const client = knex.client as { queryCompiler(builder: unknown): Compiler }
  let holder = Object.getPrototypeOf(client.queryCompiler(knex.queryBuilder())) as Compiler
  while (!Object.hasOwn(holder, 'toSQL')) holder = Object.getPrototypeOf(holder) as Compiler
  const below: Compiler['toSQL'] = Reflect.get(holder, 'toSQL')
  let count = 0
  holder.toSQL = function (this: Compiler, ...args) {
    count += 1
    return below.apply(this, args)
  }
  return {
    count: () => count,
    stop: () => {
      holder.toSQL = below
    },
  }
}

import type { Knex } from 'knex'

/** A way to run a query. */
export type Reader = (query: Knex.QueryBuilder) => PromiseLike<unknown>

/** The three ways that the demo compares. */
export type ReaderName = 'uncached' | 'cached' | 'naive'

export function createReader(name: ReaderName): Reader {
  switch (name) {
    case 'uncached':
      return (query) => query
    case 'cached':
      return (query) => query.cache(60)
    case 'naive':
      return naiveCache(60)
  }
}

/**
 * What many people write first: remember each result for a while. Nothing tells it about writes, so it must serve stale rows, and the
 * checker must find them: a checker that finds nothing here would prove nothing about Millrace either.
 */
function naiveCache(seconds: number): Reader {
  const entries = new Map<string, { readonly rows: Promise<unknown>; readonly until: number }>()
  return (query) => {
    const { sql, bindings } = query.toSQL().toNative()
    const key = JSON.stringify([sql, bindings])
    const now = performance.now()
    let entry = entries.get(key)
    if (entry === undefined || entry.until < now) {
      entry = { rows: Promise.resolve(query), until: now + seconds * 1000 }
      entries.set(key, entry)
    }
    return entry.rows
  }
}

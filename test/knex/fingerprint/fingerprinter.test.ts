import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import knexFactory, { type Knex } from 'knex'
import { afterAll, describe, expect, test } from 'vitest'
import { millrace } from '../../../src/index.ts'
import type { BuilderShape } from '../../../src/knex/client-shape.ts'
import { Fingerprinter } from '../../../src/knex/fingerprint/fingerprinter.ts'
import { readShapes } from '../../support/matrix/reads.ts'
import { shapesFor } from '../../support/matrix/shapes.ts'
import { exact, outcomeOf } from '../../model/fingerprint/outcome.ts'
import { alike, refused, unlike } from './pairs.ts'
import type { Query } from './pairs.ts'

const silent = { warn() {}, error() {}, debug() {}, deprecate() {} }
const open = (client: string): Knex => knexFactory({ client, useNullAsDefault: true, log: silent })
const knexes = {
  sqlite: open('better-sqlite3'),
  postgres: open('pg'),
  mysql: open('mysql2'),
} as const
const knex = knexes.sqlite

afterAll(async () => {
  for (const each of Object.values(knexes)) await each.destroy()
})

const shapeOf = (query: object): BuilderShape => query as BuilderShape

/** The fingerprint as one text; undefined without one. */
function keyOf(fingerprinter: Fingerprinter<unknown>, query: object): string | undefined {
  const shape = fingerprinter.take(shapeOf(query))
  return shape && `${String(shape.id)}#${fingerprinter.values}`
}

function truthOf(query: object): string {
  const { statement, bindings } = outcomeOf(shapeOf(query))
  return `${statement} ${bindings ?? ''}`
}

describe.each(Object.entries(knexes))('on %s', (dialect, k) => {
  test.each(Object.entries(unlike))('builders differ: %s', (_, queries) => {
    const fingerprinter = new Fingerprinter()
    const keys = new Map<string, string>()
    for (const query of queries) {
      const key = keyOf(fingerprinter, build(query, k) ?? {})
      if (key === undefined) continue
      const truth = truthOf(query(k))
      expect(keys.get(key) ?? truth).toBe(truth)
      keys.set(key, truth)
    }
    const truths = new Set(keys.values())
    expect(keys.size).toBeGreaterThanOrEqual(truths.size)
    expect(truths.size).toBeGreaterThan(1)
  })

  test.each(Object.entries(alike))('builders share a fingerprint: %s', (_, [one, other]) => {
    const fingerprinter = new Fingerprinter()
    expect(truthOf(one(k))).toBe(truthOf(other(k)))
    expect(keyOf(fingerprinter, one(k))).toBeDefined()
    expect(keyOf(fingerprinter, one(k))).toBe(keyOf(fingerprinter, other(k)))
  })

  test.each(Object.entries(refused))('is refused: %s', (reason, query) => {
    const fingerprinter = new Fingerprinter()
    expect(fingerprinter.take(shapeOf(query(k)))).toBeUndefined()
    expect(fingerprinter.reason).toBe(reason)
  })

  test('knows how applications read', () => {
    const fingerprinter = new Fingerprinter()
    const shapes = shapesFor(readShapes, dialect as 'sqlite')
    const unknown: string[] = []
    for (const { name, query } of shapes) {
      const built = query(k)
      if (fingerprinter.take(shapeOf(built)) === undefined) {
        unknown.push(`${name}: ${fingerprinter.reason}`)
        continue
      }
      const bindings = exact(fingerprinter.bindings)
      expect([name, bindings]).toEqual([name, outcomeOf(shapeOf(built)).bindings])
    }
    console.log(
      `${dialect}: ${String(unknown.length)} of ${String(shapes.length)} unknown`,
      unknown,
    )
    expect(unknown.length).toBeLessThan(shapes.length / 20)
  })
})

/** A query that a dialect may refuse to build. */
function build(query: Query, k: Knex): object | undefined {
  try {
    return query(k)
  } catch {
    return undefined
  }
}

describe('functions', () => {
  test('are called once, as Knex does, and told', () => {
    const fingerprinter = new Fingerprinter()
    const calls: unknown[][] = []
    const query = knex('t').where(function (this: unknown, ...args: unknown[]) {
      calls.push([this, ...args])
    } as never)
    expect(fingerprinter.take(shapeOf(query))).toBeDefined()
    expect(fingerprinter.ranCallbacks).toBe(true)
    expect(calls).toHaveLength(1)
    expect(calls[0]?.[0]).toBe(calls[0]?.[1])
    expect(calls[0]?.[0]).toBeInstanceOf(Object.getPrototypeOf(query).constructor)
    fingerprinter.take(shapeOf(knex('t')))
    expect(fingerprinter.ranCallbacks).toBe(false)
  })

  test('that want a fingerprint themselves get none', () => {
    const fingerprinter = new Fingerprinter()
    let inner: unknown = 'not called'
    const query = knex('t').where(() => {
      inner = fingerprinter.take(shapeOf(knex('u')))
    })
    expect(fingerprinter.take(shapeOf(query))).toBeUndefined()
    expect(inner).toBeUndefined()
    expect(fingerprinter.reason).toBe('busy')
    expect(fingerprinter.take(shapeOf(knex('u')))).toBeDefined()
  })

  test('that call for themselves, and builders within themselves, end', () => {
    const fingerprinter = new Fingerprinter()
    const again = (q: Knex.QueryBuilder): void => void q.where(again as never)
    expect(fingerprinter.take(shapeOf(knex('t').where(again as never)))).toBeUndefined()
    expect(fingerprinter.reason).toBe('too-deep')
    const query = knex('t')
    void query.whereIn('a', query)
    expect(fingerprinter.take(shapeOf(query))).toBeUndefined()
    expect(fingerprinter.reason).toBe('too-deep')
    const raw = knex.raw('?', [1])
    Object.assign(raw, { bindings: [raw] })
    expect(fingerprinter.take(shapeOf(raw))).toBeUndefined()
    expect(fingerprinter.reason).toBe('too-deep')
  })
})

describe('what may compile in another way is refused', () => {
  const reasonOf = (query: object, first: object = knex('t')): string => {
    const fingerprinter = new Fingerprinter()
    fingerprinter.take(shapeOf(first))
    expect(fingerprinter.take(shapeOf(query))).toBeUndefined()
    return fingerprinter.reason
  }

  test('another instance, also within', () => {
    const other = open('better-sqlite3')
    expect(reasonOf(other('t'))).toBe('foreign-builder')
    expect(reasonOf(knex('t').whereIn('a', knexes.postgres('u') as never))).toBe('unknown-value')
  })

  test('a client of the users own', () => {
    const { client } = knex as unknown as {
      client: { constructor: new (config: object) => object }
    }
    class Own extends client.constructor {}
    const own = knexFactory({ client: Own as never, useNullAsDefault: true })
    expect(reasonOf(own('t'), own('t'))).toBe('custom-client')
    const patched = open('better-sqlite3')
    Object.assign(patched.client as object, { wrapIdentifier: (name: string) => name })
    expect(reasonOf(patched('t'), patched('t'))).toBe('custom-client')
  })

  test('raw statements of another class', () => {
    const raw = Object.assign(knex.raw('1'), { toSQL: () => ({ sql: '2' }) })
    expect(reasonOf(knex('t').select(raw))).toBe('custom-sql')
    expect(reasonOf(knex('t').select({ isRawInstance: true } as never))).toBe('custom-sql')
    expect(reasonOf(knex('t').select(knex.raw('1').wrap('(', ')')))).toBe('unknown-value')
  })

  test('what nobody knows', () => {
    const withSetting = knex('t')
    Object.assign((withSetting as never as { _single: object })._single, { mystery: 1 })
    expect(reasonOf(withSetting)).toBe('unknown-setting')
    const withClause = knex('t')
    ;(withClause as never as { _statements: object[] })._statements.push({ grouping: 'mystery' })
    expect(reasonOf(withClause)).toBe('unknown-clause')
    const withType = knex('t').where('a', 1)
    Object.assign((withType as never as { _statements: object[] })._statements[0] ?? {}, {
      type: 'whereMystery',
    })
    expect(reasonOf(withType)).toBe('unknown-clause')
  })

  test('a getter that throws', () => {
    const list = [1]
    Object.defineProperty(list, 0, {
      get() {
        throw new Error('no')
      },
    })
    expect(reasonOf(knex('t').whereIn('a', list))).toBe('walk-error')
  })
})

describe('values', () => {
  test('count as they are when the fingerprint is taken', () => {
    const fingerprinter = new Fingerprinter()
    const date = new Date(1)
    const bytes = Buffer.from('a')
    const json = { a: 1 }
    const list = [1]
    const query = knex('t').where({ date, bytes, json }).whereIn('b', list)
    const before = keyOf(fingerprinter, query)
    expect(keyOf(fingerprinter, query)).toBe(before)
    date.setTime(2)
    const second = keyOf(fingerprinter, query)
    bytes[0] = 98
    const third = keyOf(fingerprinter, query)
    json.a = 2
    const fourth = keyOf(fingerprinter, query)
    list[0] = 2
    expect(new Set([before, second, third, fourth, keyOf(fingerprinter, query)]).size).toBe(5)
  })

  test('undefined anywhere is refused, as Knex refuses it', () => {
    const fingerprinter = new Fingerprinter()
    const queries = [
      knex('t').whereIn('a', [1, undefined as never]),
      knex('t').where('a', { b: [{ c: undefined }] } as never),
      knex('t').whereBetween('a', [1, undefined as never]),
      knex('t').having('a', '=', undefined as never),
      knex.raw('?', [undefined as never]),
    ]
    for (const query of queries) {
      expect(keyOf(fingerprinter, query)).toBeUndefined()
      expect(fingerprinter.reason).toBe('undefined-value')
    }
    expect(keyOf(fingerprinter, knex('t').where('a', 'U'))).toBeDefined()
    expect(keyOf(fingerprinter, knex('t').where('a', ['U'] as never))).toBeDefined()
  })

  test('that MySQL refuses have a shape of their own', () => {
    const fingerprinter = new Fingerprinter()
    const k = knexes.mysql
    const allowed = fingerprinter.take(shapeOf(k('t').where('a', 1)))
    const asserted = fingerprinter.take(shapeOf(k('t').where('a', [1] as never)))
    expect(asserted?.id).not.toBe(allowed?.id)
    const raw = fingerprinter.take(shapeOf(k('t').whereRaw('a = ?', [1])))
    const refusedRaw = fingerprinter.take(shapeOf(k('t').whereRaw('a = ?', [{ a: 1 } as never])))
    expect(refusedRaw?.id).not.toBe(raw?.id)
    // Also where no placeholder asks for it.
    const unused = fingerprinter.take(shapeOf(k('t').whereRaw('a', { b: 1 })))
    const refusedUnused = fingerprinter.take(shapeOf(k('t').whereRaw('a', { b: [1] })))
    expect(refusedUnused?.id).not.toBe(unused?.id)
  })

  test('bindings are those of the compiled statement', () => {
    const fingerprinter = new Fingerprinter()
    const json = { a: 'x' }
    const query = knex('t')
      .offset(7)
      .having('n', '>', 6)
      .where('a', 2)
      .whereIn('b', [{ c: 3 } as never])
      .whereJsonObject('d', json)
      .union(knex('u').where('a', 5))
      .select(knex.raw('? as n', [1]))
      .with('c', knex('v').where('a', 0))
    fingerprinter.take(shapeOf(query))
    const { bindings } = query.toSQL()
    expect(fingerprinter.bindings).toEqual(bindings)
    expect(bindings).toEqual([0, 1, 2, '{"c":3}', '{"a":"x"}', 5, 6, -1, 7])
  })
})

test('bindings come in the order of the compiler, which is not always that of the text', () => {
  const fingerprinter = new Fingerprinter()
  const query = knex('t').join('u', (j) => j.onIn(knex.raw('?', [1]) as never, [2, 3]))
  fingerprinter.take(shapeOf(query))
  const { bindings } = query.toSQL()
  expect(bindings).toEqual([2, 3, 1])
  expect(fingerprinter.bindings).toEqual(bindings)
})

describe('what is kept', () => {
  test('begins anew at the bound, without using an id twice', () => {
    const maxNodes = 200
    const fingerprinter = new Fingerprinter<number>({ maxNodes })
    const ids = new Set<number>()
    let taken = 0
    for (let n = 0; n < 1000; n++) {
      const shape = fingerprinter.take(shapeOf(knex(`t${String(n)}`).where(`a${String(n)}`, 1)))
      expect(fingerprinter.nodes).toBeLessThanOrEqual(maxNodes)
      if (shape === undefined) {
        expect(fingerprinter.reason).toBe('full')
        continue
      }
      expect(shape.memo).toBeUndefined()
      shape.memo = n
      ids.add(shape.id)
      taken++
    }
    expect(ids.size).toBe(taken)
    expect(taken).toBeGreaterThan(900)
  })

  test('is bounded in the length of names too', () => {
    const fingerprinter = new Fingerprinter({ maxNameLength: 1000 })
    expect(fingerprinter.take(shapeOf(knex.raw('x'.repeat(2000))))).toBeUndefined()
    expect(fingerprinter.reason).toBe('full')
    expect(fingerprinter.take(shapeOf(knex.raw('x'.repeat(500))))).toBeDefined()
    expect(fingerprinter.take(shapeOf(knex.raw('y'.repeat(600))))).toBeUndefined()
    expect(fingerprinter.take(shapeOf(knex.raw('y'.repeat(600))))).toBeDefined()
  })

  test('is no builder, client, raw statement or function', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const fingerprinter = new Fingerprinter<object>()
    const refs = takeSome(fingerprinter)
    // Whatever the last call held on to is let go by the next one.
    fingerprinter.take(shapeOf(knex('t')))
    for (let n = 0; n < 10 && refs.some((ref) => ref.deref() !== undefined); n++) {
      await new Promise((resolve) => setImmediate(resolve))
      collect()
    }
    expect(refs.map((ref) => ref.deref())).toEqual(refs.map(() => undefined))
  })

  function takeSome(fingerprinter: Fingerprinter<object>): WeakRef<object>[] {
    const raw = knex.raw('? + 1', [1])
    const group = (q: Knex.QueryBuilder): void => void q.where('a', 1)
    const date = new Date()
    const subquery = knex('u').select('b')
    const query = knex('t')
      .where(group as never)
      .where('d', date)
      .select(raw)
    void query.whereIn('c', subquery)
    expect(fingerprinter.take(shapeOf(query))).toBeDefined()
    return [raw, group, date, subquery, query].map((object) => new WeakRef(object))
  }

  test('the builder stays as it was', () => {
    const fingerprinter = new Fingerprinter()
    const query = knex('t')
      .where({ a: 1 })
      .whereJsonObject('b', { c: 1 })
      .offset(1)
      .select(knex.ref('x').as('y'))
      .join('u', (j) => j.on('a', 'b'))
    const fields = query as never as Readonly<Record<string, unknown>>
    const before = structuredClone(plain(fields))
    fingerprinter.take(shapeOf(query))
    expect(plain(fields)).toEqual(before)
  })

  function plain(fields: Readonly<Record<string, unknown>>): unknown {
    const { _single, _method, _comments } = fields
    const statements = fields['_statements'] as readonly object[]
    return {
      ...(_single as object),
      _method,
      _comments,
      statements: statements.map((it) =>
        Object.entries(it).filter(([, value]) => typeof value !== 'object' || value === null),
      ),
      json: statements.map((it) => exact((it as { value?: { c?: number } }).value?.c)),
    }
  }
})

test('builders of a Millrace, and of its transactions, are known', async () => {
  const DB = await millrace({
    connection: {
      client: 'better-sqlite3',
      connection: { filename: ':memory:' },
      useNullAsDefault: true,
    },
    buffer: false,
  })
  try {
    const fingerprinter = new Fingerprinter()
    const cached = DB.knex('t').where('a', 1) as Knex.QueryBuilder & { cache(ttl: number): object }
    cached.cache(60)
    const key = keyOf(fingerprinter, cached)
    expect(fingerprinter.reason).toBe('none')
    expect(keyOf(fingerprinter, DB.knex('t').where('a', 1))).toBe(key)
    expect(keyOf(fingerprinter, DB.knex.raw('select ?', [1]))).toBeDefined()
    await DB.transaction(async (trx) => {
      expect(keyOf(fingerprinter, trx('t').where('a', 1))).toBe(key)
    })
  } finally {
    await DB.close()
  }
})

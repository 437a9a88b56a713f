import { inspect } from 'node:util'
import type { Knex } from 'knex'
import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import { isKnexMember, isNeverTable } from './reserved-names.ts'

/** What the front of one Knex instance is made from. */
export interface FrontParts {
  readonly knex: Knex
  /** How error messages name it, such as `DB.analytics`. */
  readonly label: string
  /** What `console.log` prints. */
  readonly description: string
  /** Millrace's own members, and connections; each wins over Knex's and over tables. */
  readonly own: Readonly<Record<PropertyKey, unknown>>
  /** Whether `close()` is through: tables and Knex's members then throw `MILLRACE_CLOSED`. */
  readonly isClosed: () => boolean
}

/**
 * The proxy behind `DB` and behind each of its connections: names that are nobody else's are tables.
 *
 * Knex's members are read from the instance each time, because some of them (`schema`, `fn`, `migrate`) are made anew on
 * every read, and methods are bound to the instance, which does not work through a proxy of it.
 */
export function createFront(parts: FrontParts): object {
  const { knex, label, description } = parts
  const openTable = tableOpener(knex, label)
  const table: OpenTable = (name, options) => {
    if (parts.isClosed()) throw closed(label, 'table()')
    return openTable(name, options)
  }
  const bound = boundMethods(knex)
  const target = Object.create(Object.prototype, {
    [inspect.custom]: { value: () => description },
    [Symbol.toStringTag]: { value: 'Millrace' },
  }) as object
  for (const [name, value] of Object.entries({ knex, table })) define(target, name, value)
  for (const name of Reflect.ownKeys(parts.own)) define(target, name, parts.own[name])

  const own = (name: PropertyKey): unknown => Reflect.get(target, name)
  const refuse = (name: PropertyKey): never => {
    throw new TypeError(
      `${label}.${String(name)} cannot be assigned, defined or deleted: what ${label} has is fixed when it is opened.`,
    )
  }

  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return own(name)
      if (parts.isClosed() && !isNeverTable(name)) throw closed(label, name)
      if (isKnexMember(knex, name)) return bound(Reflect.get(knex, name) as unknown)
      if (isNeverTable(name)) return own(name)
      return openTable(name)
    },
    has: (_, name) =>
      typeof name === 'symbol' ? Reflect.has(target, name) : name in target || !isNeverTable(name),
    set: (_, name) => refuse(name),
    defineProperty: (_, name) => refuse(name),
    deleteProperty: (_, name) => refuse(name),
    setPrototypeOf: () => refuse('__proto__'),
    preventExtensions: () => false,
  })
}

function define(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, {
    value,
    enumerable: typeof name === 'string',
    configurable: true,
  })
}

function closed(label: string, name: string): MillraceError {
  return new MillraceError('MILLRACE_CLOSED', `${label}.${name} is used after DB.close().`, {
    remedy: 'Open a new DB with millrace().',
  })
}

type OpenTable = (
  name: Knex.TableDescriptor | Knex.AliasDict,
  options?: { readonly only?: boolean },
) => unknown

function tableOpener(knex: Knex, label: string): OpenTable {
  return (name, options) => {
    if (name === '' || (typeof name !== 'string' && !isTableLike(name))) {
      throw new MillraceError(
        'MILLRACE_TABLE_UNKNOWN',
        `${label}.table() was given ${shown(name)}, which names no table.`,
        { remedy: `Give a table's name, such as ${label}.table('posts').` },
      )
    }
    return options === undefined ? knex(name) : knex(name, options)
  }
}

function isTableLike(name: unknown): boolean {
  return (typeof name === 'object' && name !== null) || typeof name === 'function'
}

/** Methods bound to the instance, one bound function per method, so that `DB.raw === DB.raw`. */
function boundMethods(knex: Knex): (value: unknown) => unknown {
  const known = new WeakMap<object, unknown>()
  return (value) => {
    if (typeof value !== 'function') return value
    let method = known.get(value)
    if (method === undefined) {
      method = (...args: unknown[]): unknown => Reflect.apply(value, knex, args) as unknown
      known.set(value, method)
    }
    return method
  }
}

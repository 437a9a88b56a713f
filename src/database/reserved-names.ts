/** What `DB` itself answers to, before Knex, connections and tables are asked. */
export const millraceNames = ['knex', 'table', 'cache', 'buffer', 'nanoid', 'close'] as const

/** Names that {@link millraceNames} lists. */
export type MillraceName = (typeof millraceNames)[number]

/**
 * Names that the language, its test runners and its printers look for on any object. Answering them with a query builder
 * would make `DB` a promise (`then`), a matcher, a DOM node or an element.
 */
const probedNames: ReadonlySet<string> = new Set([
  'then',
  'catch',
  'finally',
  'toJSON',
  'constructor',
  'prototype',
  'inspect',
  'nodeType',
  'tagName',
  'asymmetricMatch',
  '$$typeof',
  '__esModule',
  '@@__IMMUTABLE_ITERABLE__@@',
  '@@__IMMUTABLE_RECORD__@@',
  ...Object.getOwnPropertyNames(Object.prototype),
])

/** Properties that every function has: they belong to Knex's being a function, not to Knex. */
const functionNames: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Function.prototype))

/** Whether a name is never a table: `DB.then` and its like are what any plain object has there, mostly nothing. */
export function isNeverTable(name: string): boolean {
  return probedNames.has(name)
}

/** Whether a name is Millrace's own or never a table, so that no connection may bear it. */
export function isReservedName(name: string): boolean {
  return isNeverTable(name) || millraceNames.some((own) => own === name)
}

/** Whether a name is a member of the Knex instance itself, own or inherited, rather than of functions or objects at large. */
export function isKnexMember(knex: object, name: string): boolean {
  return name in knex && !functionNames.has(name) && !probedNames.has(name)
}

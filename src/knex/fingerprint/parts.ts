import { walkAliases, walkName, walkNames } from './names.ts'
import type { NameOwner } from './knex-kind.ts'
import { namedPlan, positionalPlan } from './raw-plan.ts'
import type { RawPlan } from './raw-plan.ts'
import { walkGroupOf, walkSelect } from './select.ts'
import type { RawStatement, SelectBuilder } from './statements.ts'
import { isComposite } from './uncommon-text.ts'
import type { NestedWalks, Walk } from './walk.ts'
import { word } from './words.ts'

/** What can stand where a name or a value can: raw statements, builders, functions. */
export const nestedWalks: NestedWalks = {
  name(walk, name) {
    if (typeof name === 'number') {
      walk.word(word.number)
      walk.name(String(name))
      return true
    }
    if (typeof name === 'function') return walkCallback(walk, name as Callback)
    if (typeof name !== 'object' || name === null) return walk.fail('unknown-value')
    return walk.isPlain(name) ? walkAliases(walk, name) : walkPart(walk, name)
  },
  part: walkPart,
  group(walk, callback) {
    if (typeof callback !== 'function') return walk.fail('unknown-value')
    const builder = runCallback(walk, callback as Callback)
    return builder !== undefined && walk.enter() && walkGroupOf(walk, builder) && walk.leave()
  },
}

type Callback = (this: object, builder: object) => unknown

function walkPart(walk: Walk, value: unknown): boolean {
  if (typeof value === 'function') return walkCallback(walk, value as Callback)
  if (typeof value !== 'object' || value === null) return walk.fail('unknown-value')
  if ((value as RawStatement).isRawInstance === true) return walkRaw(walk, value as RawStatement)
  if (Object.getPrototypeOf(value) !== walk.kind?.builderPrototype) {
    return walk.fail('unknown-value')
  }
  walk.word(word.subquery)
  return walk.enter() && walkSelect(walk, value as SelectBuilder) && walk.leave()
}

function walkCallback(walk: Walk, callback: Callback): boolean {
  const builder = runCallback(walk, callback)
  if (builder === undefined) return false
  walk.word(word.callback)
  return walk.enter() && walkSelect(walk, builder) && walk.leave()
}

/** Calls a function as Knex will call it again when it compiles. */
function runCallback(walk: Walk, callback: Callback): SelectBuilder | undefined {
  const builder = walk.client?.queryBuilder() as object
  walk.ranCallbacks = true
  try {
    callback.call(builder, builder)
  } catch {
    walk.fail('callback-error')
    return undefined
  }
  return builder as SelectBuilder
}

/** A raw statement or a reference, wherever it stands. */
export function walkRaw(walk: Walk, raw: RawStatement): boolean {
  const { owner } = walk
  if (walk.wrapsNames) walk.owner = ownerOfRaw(raw, owner)
  const isWalked = walkRawParts(walk, raw)
  walk.owner = owner
  return isWalked
}

/** Knex gives a raw statement the context of a builder around it that has one. */
function ownerOfRaw(raw: RawStatement, around: NameOwner | undefined): NameOwner {
  const context = around?._queryContext
  return context ? { _queryContext: raw._queryContext, queryContext: () => context } : raw
}

function walkRawParts(walk: Walk, raw: RawStatement): boolean {
  const { kind } = walk
  if (kind === undefined || raw._wrappedBefore || raw._wrappedAfter) {
    return walk.fail('unknown-value')
  }
  const prototype: unknown = Object.getPrototypeOf(raw)
  if (prototype === kind.refPrototype && raw.toSQL === kind.refToSql) return walkRef(walk, raw)
  if (prototype !== kind.rawPrototype || raw.toSQL !== kind.rawToSql) {
    return walk.fail('custom-sql')
  }
  const { sql, bindings } = raw
  // One that compiles to nothing is taken for something else.
  if (typeof sql !== 'string' || sql === '') return walk.fail('unfit-raw')
  walk.word(word.raw)
  walk.name(sql)
  if (bindings === undefined) {
    walk.word(word.unbound)
    return true
  }
  if (Array.isArray(bindings)) return walkPositional(walk, sql, bindings)
  if (typeof bindings !== 'object' || bindings === null) return walk.fail('unknown-value')
  const isPlain = Object.getPrototypeOf(bindings) === Object.prototype
  if (!isPlain || Symbol.toStringTag in bindings) return walk.fail('unknown-value')
  return walkNamed(walk, sql, bindings as Record<string, unknown>)
}

function walkRef(walk: Walk, { ref, _schema, _alias }: RawStatement): boolean {
  if (typeof ref !== 'string') return walk.fail('unknown-value')
  walk.word(word.ref)
  if (!walk.identifier(ref)) return false
  return walk.identifierOrAbsent(_schema) && walk.identifierOrAbsent(_alias)
}

function walkPositional(walk: Walk, sql: string, bindings: readonly unknown[]): boolean {
  walk.word(word.positional)
  const plan = (walk.node.plan ??= counted(walk, positionalPlan(sql)))
  if (plan.length !== bindings.length) return walk.fail('unfit-raw')
  if (plan.length === 0) return true
  if (!walk.enter()) return false
  for (let i = 0; i < plan.length; i++) {
    if (!walkBinding(walk, plan[i]?.isName === true, bindings[i])) return false
  }
  return walk.leave()
}

function walkNamed(walk: Walk, sql: string, bindings: Record<string, unknown>): boolean {
  walk.word(word.named)
  const plan = (walk.node.plan ??= counted(walk, namedPlan(sql)))
  // MySQL refuses some values also where no placeholder asks for them.
  walk.word(holdsComposite(bindings) ? word.object : word.value)
  if (!walk.enter()) return false
  for (const { key, isName } of plan) {
    if (Object.hasOwn(bindings, key)) {
      if (!walkBinding(walk, isName, bindings[key])) return false
    } else if (bindings[key] === undefined) walk.word(word.absent)
    else return walk.fail('unknown-value')
  }
  return walk.leave()
}

function holdsComposite(bindings: Readonly<Record<string, unknown>>): boolean {
  for (const key in bindings) {
    const value = bindings[key]
    if (typeof value === 'object' && value !== null && isComposite(value)) return true
  }
  return false
}

function walkBinding(walk: Walk, isName: boolean, value: unknown): boolean {
  if (!isName) return walk.value(value)
  if (!Array.isArray(value)) return walkName(walk, value)
  return value.length > 0 ? walkNames(walk, value) : walk.fail('unfit-raw')
}

function counted(walk: Walk, plan: RawPlan): RawPlan {
  walk.trie.countPlan(plan.length)
  return plan
}

import { nanoid } from 'nanoid'
import { serialiseValue } from '../cache/key-text.ts'
import type { ClientShape, CompiledStatement } from './client-shape.ts'
import { hasOptions } from './read-plan.ts'

/** Longer texts are mostly lists of values, each of another length: learning them gains little and takes memory. */
const maxTextLength = 2000

/** What builders of one shape compile to, but for their values. */
export interface ShapeText {
  readonly method: string
  readonly pluck: string | undefined
  /** A compiled statement without its bindings; undefined where bindings cannot be put into the text of another builder. */
  readonly statement: CompiledStatement | undefined
}

/**
 * What a compiled builder tells of its shape. `values` are those of its fingerprint, in the order in which Knex compiles. They must all differ,
 * and be the compiled ones in the same order: of two that are the same nobody could tell which is which.
 */
export function shapeText(compiled: CompiledStatement, values: readonly unknown[]): ShapeText {
  const { method = 'select', pluck } = compiled
  const learned =
    !hasOptions(compiled) && compiled.sql.length <= maxTextLength && haveOneOrder(compiled, values)
  return { method, pluck, statement: learned ? withoutBindings(compiled) : undefined }
}

/** The statement that a builder of the shape would compile to. `bindings` are handed on as they are: nobody else's to change. */
export function statementOf(
  learned: CompiledStatement,
  bindings: readonly unknown[],
  client: ClientShape,
): CompiledStatement {
  const { sql } = learned
  return {
    ...learned,
    bindings,
    __knexQueryUid: nanoid(),
    toNative: () => ({
      sql: client.positionBindings(sql),
      bindings: client.prepBindings(bindings),
    }),
  }
}

function haveOneOrder({ bindings = [] }: CompiledStatement, values: readonly unknown[]): boolean {
  if (bindings.length !== values.length) return false
  const texts = values.map((value) => serialiseValue(value, 'ordered'))
  return (
    bindings.every((value, i) => {
      const text = serialiseValue(value, 'ordered')
      return text !== undefined && text === texts[i]
    }) && new Set(texts).size === texts.length
  )
}

function withoutBindings({ bindings: _, ...rest }: CompiledStatement): CompiledStatement {
  // Its closure holds the bindings too.
  delete rest.toNative
  // Knex joins texts from many pieces and V8 keeps the pieces: as one string it takes a fraction.
  return { ...rest, sql: Buffer.from(rest.sql).toString() }
}

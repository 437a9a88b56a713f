import type { Knex } from 'knex'
import { drawName, drawScalar } from './pools.ts'
import { build, callback } from './step.ts'
import type { Step } from './step.ts'
import type { Tape } from './tape.ts'

/** What draws whole queries and conditions; the parts of the grammar contain each other. */
export interface Grammar {
  readonly knex: Knex
  /** The calls of a subquery; `depth` is how deep others may stand in it. */
  query(tape: Tape, depth: number): Step[]
  conditions(tape: Tape, depth: number): Step[]
}

/** A value, or what computes one. */
export function drawValue(grammar: Grammar, tape: Tape, depth: number): unknown {
  if (depth > 0 && tape.once(12)) return drawSubquery(grammar, tape, depth - 1)
  if (tape.once(12)) return drawRaw(grammar, tape, depth)
  return drawScalar(tape)
}

/** A name, or what can stand for it. */
export function drawColumn(grammar: Grammar, tape: Tape, depth: number): unknown {
  switch (tape.int(24)) {
    case 0:
      return drawRaw(grammar, tape, depth)
    case 1:
      return drawRef(grammar, tape)
    case 2:
      return tape.int(3)
    case 3:
      return depth > 0 ? drawSubquery(grammar, tape, depth - 1) : 'a'
    case 4:
      return { [drawName(tape)]: drawColumn(grammar, tape, depth - 1) }
    case 5:
      return tape.pick([null, undefined, true, 1n, {}, []])
    default:
      return drawName(tape)
  }
}

/** A builder or a function that makes one. */
export function drawSubquery(grammar: Grammar, tape: Tape, depth: number): unknown {
  const steps = grammar.query(tape, depth)
  if (tape.once(2)) return build(grammar.knex, steps)
  return callback(steps, tape.once(2))
}

/** A raw statement with placeholders of either kind. */
export function drawRaw(grammar: Grammar, tape: Tape, depth: number): Knex.Raw {
  const { knex } = grammar
  const value = (): Knex.Value => drawValue(grammar, tape, depth - 1) as Knex.Value
  const name = (): Knex.Value => drawColumn(grammar, tape, depth - 1) as Knex.Value
  switch (tape.int(14)) {
    case 0:
      return knex.raw('? + ?', [value(), value()])
    case 1:
      return knex.raw('?? = ?', [name(), value()])
    case 2:
      return knex.raw(':x + :y + :x', { x: value(), y: value() })
    case 3:
      return knex.raw(':x: > :y::int', { x: name(), y: value() })
    case 4:
      return knex.raw('?', value())
    case 5:
      return knex.raw(tape.pick(['1', '2', 'a = \\?', '?', '', ':x', 'a::int']))
    case 6:
      return knex.raw(tape.pick(['?', '? = \\?', '-?', tape.once(5) ? '??' : '? is null']), [
        value(),
      ])
    case 7:
      return knex.raw(tape.pick([':x', ':x:', '\\:x', ':y', ':x::int']), { x: value() })
    case 8:
      return knex.raw('(?)', drawSubquery(grammar, tape, 0) as never)
    case 9:
      return tape.once(3) ? knex.raw('a').wrap('(', ')') : knex.raw('b = ?', [value()])
    case 10:
      return knex.raw('?? in (?, ?)', [[name(), name()] as never, value(), value()])
    default:
      return knex.raw(tape.pick(['a = ?', 'b = ?', 'a < ?']), [drawScalar(tape) as Knex.Value])
  }
}

function drawRef({ knex }: Grammar, tape: Tape): Knex.Ref<string, Record<string, string>> {
  const ref = knex.ref(drawName(tape))
  if (tape.once(3)) ref.withSchema(tape.pick(['s', 'z']))
  return tape.once(3) ? ref.as(drawName(tape)) : ref
}

import { drawColumn, drawRaw, drawSubquery, drawValue } from './expressions.ts'
import type { Grammar } from './expressions.ts'
import { drawJson, drawName, drawOperator, drawScalar } from './pools.ts'
import { callback } from './step.ts'
import type { Step } from './step.ts'
import type { Tape } from './tape.ts'

function drawWhereColumn(grammar: Grammar, tape: Tape, depth: number): unknown {
  // Of a builder Knex would take each property for a column, and `then` for a subquery.
  const column = drawColumn(grammar, tape, depth)
  return typeof column === 'object' && column !== null && '_statements' in column ? 'a' : column
}

/** Calls of `where` in all its forms. */
export function drawWheres(grammar: Grammar, tape: Tape, depth: number): Step[] {
  return tape.many(tape.pick([0, 1, 1, 1, 2, 2, 3]), () => drawWhere(grammar, tape, depth))
}

function drawWhere(grammar: Grammar, tape: Tape, depth: number): Step {
  if (depth < 0) return ['where', drawName(tape), drawScalar(tape)]
  const or = tape.once(4)
  const not = tape.once(4)
  const column = (): unknown => drawWhereColumn(grammar, tape, depth)
  const value = (): unknown => drawValue(grammar, tape, depth)
  const named = (name: string): string => `${or ? 'orWhere' : 'where'}${not ? 'Not' : ''}${name}`
  switch (tape.int(26)) {
    case 0:
    case 1:
    case 2:
      return [named(''), drawName(tape), value()]
    case 3:
      return [named(''), column(), drawOperator(tape), value()]
    case 4:
      return [named(''), { [drawName(tape)]: value(), [drawName(tape)]: value() }]
    case 5:
      return [named(''), callback(drawWheres(grammar, tape, depth - 1), tape.once(2))]
    case 6:
      return [named(''), tape.once(2)]
    case 7:
      return [named('Null'), column()]
    case 8:
      return [named('Between'), column(), [value(), value()]]
    case 9:
    case 10:
      return [named('In'), column(), tape.many(tape.int(4), value)]
    case 11:
      return drawWhereInRows(grammar, tape, depth, named('In'))
    case 12:
      return [
        named('In'),
        column(),
        tape.once(4) ? value() : drawSubquery(grammar, tape, depth - 1),
      ]
    case 13:
      return [or ? 'orWhereLike' : 'whereLike', column(), value()]
    case 14:
      return [or ? 'orWhereILike' : 'whereILike', drawName(tape), value()]
    case 15:
      return [or ? 'orWhereRaw' : 'whereRaw', drawRaw(grammar, tape, depth)]
    case 16:
      return [or ? 'orWhereRaw' : 'whereRaw', tape.pick(['a = ?', 'b = ?']), [value()]]
    case 17:
      return [named('Exists'), drawSubquery(grammar, tape, depth - 1)]
    case 18:
      return [named('Column'), drawName(tape), drawOperator(tape), column()]
    case 19:
      return [named('Column'), { [drawName(tape)]: drawName(tape) }]
    case 20:
      return [named('JsonObject'), drawName(tape), drawJson(tape)]
    case 21:
      return drawJsonPath(tape, or)
    case 22:
      return [drawJsonSet(tape, or, not), drawName(tape), drawJson(tape)]
    case 23:
      return [named(''), drawRaw(grammar, tape, depth)]
    case 24:
      return [named(''), column(), tape.pick(['in', 'not in']), [value(), value()]]
    default:
      return [named(''), drawName(tape), tape.pick(['is', 'is not', '=']), null]
  }
}

function drawWhereInRows(grammar: Grammar, tape: Tape, depth: number, method: string): Step {
  const columns = [drawName(tape), drawColumn(grammar, tape, depth)]
  const value = (): unknown => drawValue(grammar, tape, depth)
  const rows = tape.many(tape.int(3), () => (tape.once(9) ? value() : [value(), value()]))
  return [method, columns, rows]
}

function drawJsonPath(tape: Tape, or: boolean): Step {
  const path = tape.pick(['$.a', '$.b', '$.a', ''])
  return [
    or ? 'orWhereJsonPath' : 'whereJsonPath',
    drawName(tape),
    path,
    drawOperator(tape),
    drawJson(tape),
  ]
}

function drawJsonSet(tape: Tape, or: boolean, not: boolean): string {
  const kind = tape.once(2) ? 'SupersetOf' : 'SubsetOf'
  return `${or ? 'orWhere' : 'where'}Json${not ? 'Not' : ''}${kind}`
}

/** Calls of `having`. */
export function drawHavings(grammar: Grammar, tape: Tape, depth: number): Step[] {
  return tape.many(tape.pick([1, 1, 2]), () => drawHaving(grammar, tape, depth))
}

function drawHaving(grammar: Grammar, tape: Tape, depth: number): Step {
  const or = tape.once(3)
  const not = tape.once(3)
  const column = (): unknown => drawColumn(grammar, tape, depth) ?? 'a'
  const value = (): unknown => drawValue(grammar, tape, depth)
  const named = (name: string): string => `${or ? 'orHaving' : 'having'}${not ? 'Not' : ''}${name}`
  switch (tape.int(10)) {
    case 0:
      return [named('In'), column(), tape.many(tape.int(3), value)]
    case 1:
      return [named('Null'), column()]
    case 2:
      return [named('Between'), column(), [value(), value()]]
    case 3:
      return [named('Exists'), drawSubquery(grammar, tape, depth - 1)]
    case 4:
      return [or ? 'orHavingRaw' : 'havingRaw', drawRaw(grammar, tape, depth)]
    case 5:
      return [
        or ? 'orHaving' : 'having',
        callback(grammar.conditions(tape, depth - 1), tape.once(2)),
      ]
    case 6:
      return [named('In'), [drawName(tape), 'b'], [[value(), value()]]]
    default:
      return [or ? 'orHaving' : 'having', column(), drawOperator(tape), value()]
  }
}

import { drawColumn, drawRaw, drawSubquery, drawValue } from './expressions.ts'
import type { Grammar } from './expressions.ts'
import { drawName, drawOperator, drawTable } from './pools.ts'
import { callback } from './step.ts'
import type { Step } from './step.ts'
import type { Tape } from './tape.ts'

const kinds = [
  'join',
  'join',
  'leftJoin',
  'rightJoin',
  'leftOuterJoin',
  'fullOuterJoin',
  'crossJoin',
]

/** One call of `join` in any of its forms. */
export function drawJoin(grammar: Grammar, tape: Tape, depth: number): Step {
  const kind = tape.pick(kinds)
  const table = drawJoinTable(grammar, tape, depth)
  switch (tape.int(8)) {
    case 0:
    case 1:
      return [kind, table, drawName(tape), drawName(tape)]
    case 2:
      return [kind, table, drawName(tape), drawOperator(tape), drawColumn(grammar, tape, depth)]
    case 3:
      return [kind, table, { [drawName(tape)]: drawName(tape), [drawName(tape)]: drawName(tape) }]
    case 4:
      return [
        'joinRaw',
        tape.pick(['join u on b = ?', 'join t on a = ?']),
        [drawValue(grammar, tape, 0)],
      ]
    case 5:
      return [kind, table, drawRaw(grammar, tape, depth)]
    default:
      return [kind, table, callback(drawOns(grammar, tape, depth), tape.once(2))]
  }
}

function drawJoinTable(grammar: Grammar, tape: Tape, depth: number): unknown {
  switch (tape.int(12)) {
    case 0:
      return drawRaw(grammar, tape, depth)
    case 1:
      return depth > 0 ? drawSubquery(grammar, tape, depth - 1) : 'u'
    case 2:
      return { [drawName(tape)]: drawTable(tape) }
    default:
      return drawTable(tape)
  }
}

function drawOns(grammar: Grammar, tape: Tape, depth: number): Step[] {
  return tape.many(tape.pick([0, 1, 1, 2, 3]), () => drawOn(grammar, tape, depth))
}

function drawOn(grammar: Grammar, tape: Tape, depth: number): Step {
  if (depth < 0) return ['on', drawName(tape), drawName(tape)]
  const or = tape.once(3)
  const not = tape.once(3) ? 'Not' : ''
  const on = or ? 'orOn' : 'on'
  const column = (): unknown => drawColumn(grammar, tape, depth)
  const value = (): unknown => drawValue(grammar, tape, depth)
  switch (tape.int(12)) {
    case 0:
      return [on, drawName(tape), drawName(tape)]
    case 1:
      return [on, column(), drawOperator(tape), column()]
    case 2:
      return [`${on}Val`, column(), drawOperator(tape), value()]
    case 3:
      return [`${on}Val`, drawName(tape), value()]
    case 4:
      return [`${on}${not}In`, column(), tape.many(tape.int(3), value)]
    case 5:
      return [`${on}${not}Null`, column()]
    case 6:
      return [`${on}${not}Between`, column(), [value(), value()]]
    case 7:
      return [`${on}${not}Exists`, drawSubquery(grammar, tape, depth - 1)]
    case 8:
      return ['using', tape.once(2) ? drawName(tape) : [drawName(tape), drawName(tape)]]
    case 9:
      return [on, callback(drawOns(grammar, tape, depth - 1), tape.once(2))]
    case 10:
      return [`${on}JsonPathEquals`, drawName(tape), '$.a', column(), tape.pick(['$.a', '$.b'])]
    default:
      return tape.once(2)
        ? [on, drawRaw(grammar, tape, depth)]
        : ['type', tape.pick(['left', 'inner'])]
  }
}

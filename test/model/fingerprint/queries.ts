import type { Knex } from 'knex'
import { drawHavings, drawWheres } from './conditions.ts'
import { drawColumn, drawRaw, drawSubquery } from './expressions.ts'
import type { Grammar } from './expressions.ts'
import { drawJoin } from './joins.ts'
import { drawName, drawScalar, drawTable } from './pools.ts'
import type { Step } from './step.ts'
import type { Tape } from './tape.ts'

/** The grammar of all queries. */
export function queryGrammar(knex: Knex): Grammar {
  const grammar: Grammar = {
    knex,
    query: (tape, depth) => drawQuery(grammar, tape, depth),
    conditions: (tape, depth) => drawWheres(grammar, tape, depth),
  }
  return grammar
}

/** The calls that make a query: each part now and then, in any order. */
function drawQuery(grammar: Grammar, tape: Tape, depth: number): Step[] {
  if (depth < 0) return drawSimple(tape)
  const steps: Step[] = []
  const now = (times: number, draw: () => readonly Step[]): void => {
    if (tape.once(times)) steps.push(...draw())
  }
  if (!tape.once(15)) steps.push(drawFrom(grammar, tape, depth))
  now(3, () => tape.many(tape.pick([1, 1, 2]), () => drawSelection(grammar, tape, depth)))
  now(2, () => drawWheres(grammar, tape, depth))
  now(8, () => [drawWith(grammar, tape, depth - 1)])
  now(4, () => tape.many(tape.pick([1, 1, 2]), () => drawJoin(grammar, tape, depth)))
  now(8, () => [drawGroup(grammar, tape, depth)])
  now(10, () => drawHavings(grammar, tape, depth))
  now(5, () => tape.many(tape.pick([1, 1, 2]), () => drawOrder(grammar, tape, depth)))
  now(9, () => [drawUnion(grammar, tape, depth)])
  now(6, () => [['limit', tape.int(4), tape.pick([undefined, undefined, { skipBinding: true }])]])
  now(8, () => [drawOffset(grammar, tape, depth)])
  now(12, () => [['withSchema', tape.pick(['s', 'z', ''])]])
  now(10, () => [['as', drawName(tape)]])
  now(20, () => [['queryContext', { name: tape.pick(['a', 'b']) }]])
  now(25, () => [['comment', tape.pick(['a', 'b', 'where'])]])
  now(25, () => [['hintComment', tape.pick(['A', 'B', ['A', 'B'], ''])]])
  now(12, () => [tape.once(2) ? ['first', drawName(tape)] : ['pluck', drawName(tape)]])
  now(60, () => [
    tape.pick<Step>([['forUpdate'], ['forShare', 't'], ['clear', 'limit'], ['clear', 'where']]),
  ])
  if (tape.once(3)) steps.reverse()
  return steps.filter(isPossible())
}

/** Ends the recursion. */
function drawSimple(tape: Tape): Step[] {
  const steps: Step[] = [['from', drawTable(tape)]]
  if (tape.once(2)) steps.push(['select', drawName(tape)])
  if (tape.once(2)) steps.push(['where', drawName(tape), drawScalar(tape)])
  return steps
}

/** `first` and `pluck` refuse to follow each other. */
function isPossible(): (step: Step) => boolean {
  let hasEnd = false
  return ([method]) => {
    if (method !== 'first' && method !== 'pluck') return true
    const isFirst = !hasEnd
    hasEnd = true
    return isFirst
  }
}

function drawFrom(grammar: Grammar, tape: Tape, depth: number): Step {
  switch (tape.int(16)) {
    case 0:
      return ['from', drawRaw(grammar, tape, depth)]
    case 1:
      return depth > 0 ? ['from', drawSubquery(grammar, tape, depth - 1)] : ['from', 't']
    case 2:
      return ['from', { [drawName(tape)]: drawTable(tape) }]
    case 3:
      return ['from', drawTable(tape), { only: true }]
    case 4:
      return ['fromRaw', tape.pick(['t(?)', '? as u', 't(?) as u']), [1]]
    default:
      return ['from', drawTable(tape)]
  }
}

const aggregates = [
  'count',
  'sum',
  'avg',
  'min',
  'max',
  'countDistinct',
  'sumDistinct',
  'avgDistinct',
]

function drawSelection(grammar: Grammar, tape: Tape, depth: number): Step {
  const column = (): unknown => drawColumn(grammar, tape, depth)
  switch (tape.int(14)) {
    case 0:
      return ['distinct', ...tape.many(tape.int(3), () => drawName(tape))]
    case 1:
      return ['distinctOn', drawName(tape), column()]
    case 2:
      return [tape.pick(aggregates), drawName(tape)]
    case 3:
      return [tape.pick(aggregates), drawName(tape), { as: drawName(tape) }]
    case 4:
      return [tape.pick(aggregates), { [drawName(tape)]: tape.once(2) ? [drawName(tape)] : 'a' }]
    case 5:
      return [tape.pick(aggregates), [drawName(tape), drawName(tape)]]
    case 6:
      return [tape.pick(aggregates), drawRaw(grammar, tape, depth)]
    case 7:
      return ['select', [column(), column()]]
    case 8:
      return drawJsonColumn(tape)
    case 9:
      return drawAnalytic(grammar, tape)
    default:
      return ['select', ...tape.many(tape.int(4), column)]
  }
}

function drawJsonColumn(tape: Tape): Step {
  const path = tape.pick(['$.a', '$.b'])
  return tape.pick<Step>([
    ['jsonExtract', drawName(tape), path, 'x'],
    [
      'jsonExtract',
      [
        [drawName(tape), path, 'x'],
        ['b', '$.b', drawName(tape)],
      ],
    ],
    ['jsonSet', drawName(tape), path, tape.int(3), 'y'],
    ['jsonInsert', drawName(tape), path, '{"a":1}', 'y'],
    ['jsonRemove', drawName(tape), path, 'z'],
  ])
}

function drawAnalytic(grammar: Grammar, tape: Tape): Step {
  const method = tape.pick(['rank', 'denseRank', 'rowNumber'])
  const alias = drawName(tape)
  switch (tape.int(3)) {
    case 0:
      return [method, alias, grammar.knex.raw('order by ?', [tape.int(2)])]
    case 1:
      return [method, alias, drawName(tape), [drawName(tape)]]
    default:
      return [method, alias, [{ column: drawName(tape), order: tape.pick(['asc', 'desc']) }]]
  }
}

function drawWith(grammar: Grammar, tape: Tape, depth: number): Step {
  const method = tape.pick([
    'with',
    'with',
    'withRecursive',
    'withMaterialized',
    'withNotMaterialized',
  ])
  const query = tape.once(4) ? drawRaw(grammar, tape, depth) : drawSubquery(grammar, tape, depth)
  const alias = tape.pick(['t', 'c', 'd'])
  return tape.once(4) ? [method, alias, [drawName(tape), 'b'], query] : [method, alias, query]
}

function drawGroup(grammar: Grammar, tape: Tape, depth: number): Step {
  switch (tape.int(4)) {
    case 0:
      return ['groupByRaw', drawRaw(grammar, tape, depth)]
    case 1:
      return ['groupBy', [drawName(tape), drawName(tape)]]
    default:
      return ['groupBy', drawColumn(grammar, tape, depth), drawName(tape)]
  }
}

function drawOrder(grammar: Grammar, tape: Tape, depth: number): Step {
  const direction = (): unknown => tape.pick(['asc', 'desc', 'DESC', undefined, 'nonsense'])
  const nulls = (): unknown => tape.pick([undefined, undefined, 'first', 'last', ''])
  switch (tape.int(6)) {
    case 0:
      return ['orderByRaw', drawRaw(grammar, tape, depth)]
    case 1:
      return [
        'orderBy',
        [
          drawName(tape),
          { column: drawColumn(grammar, tape, depth), order: direction(), nulls: nulls() },
        ],
      ]
    case 2:
      return ['orderBy', drawColumn(grammar, tape, depth), direction(), nulls()]
    case 3:
      return tape.once(4) ? ['orderBy', 'a', grammar.knex.raw('desc')] : ['orderBy', drawName(tape)]
    default:
      return ['orderBy', drawName(tape), direction(), nulls()]
  }
}

function drawUnion(grammar: Grammar, tape: Tape, depth: number): Step {
  const method = tape.pick(['union', 'unionAll', 'intersect', 'except'])
  const query = (): unknown =>
    tape.once(6) ? drawRaw(grammar, tape, depth - 1) : drawSubquery(grammar, tape, depth - 1)
  const wrap = tape.once(2)
  return tape.once(3) ? [method, [query(), query()], wrap] : [method, query(), wrap]
}

function drawOffset(grammar: Grammar, tape: Tape, depth: number): Step {
  const options = tape.pick([undefined, undefined, { skipBinding: true }])
  if (tape.once(8)) return ['offset', drawRaw(grammar, tape, depth), options]
  return ['offset', tape.int(3), options]
}

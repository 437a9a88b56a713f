import { actor, one, reader } from './cast.ts'
import { committed, write } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import * as sql from './statements.ts'

/** One process after another: `a` is killed, then `b` opens the same database. */
export const lifeScenarios: readonly Scenario[] = [
  {
    name: 'a process is killed in the middle of an autocommit write, its successor reads',
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), reader('b', one, 2)],
    kills: ['a'],
    ticks: 1,
  },
  {
    name: 'a process is killed in the middle of a transaction, its successor reads',
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1)), committed(sql.updateById('t', 1))),
      reader('b', one, 2),
    ],
    kills: ['a'],
    ticks: 2,
  },
  {
    name: 'a process is killed after a write without an answer, its successor reads',
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), reader('b', one, 2)],
    cuts: ['writer'],
    kills: ['a'],
    ticks: 2,
  },
]

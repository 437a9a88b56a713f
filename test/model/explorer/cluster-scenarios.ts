import { actor, one, other, reader, warmOne } from './cast.ts'
import { primary } from './cluster-deployment.ts'
import { committed, write } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import * as sql from './statements.ts'

/** What takes several processes. */
export const clusterScenarios: readonly Scenario[] = [
  {
    name: 'a write in a worker, reads in another and in the primary',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1))),
      reader('b', one, 2),
      other(reader(primary, one)),
    ],
  },
  {
    name: 'a write in a worker, a read in another that has read before',
    warm: [['b', one]],
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), reader('b', one)],
  },
  {
    name: 'a write in the primary, reads in two workers',
    warm: warmOne,
    actors: [
      actor('writer', primary, write(sql.updateById('t', 1))),
      reader('a', one),
      other(reader('b', one)),
    ],
  },
  {
    name: 'a worker is killed in the middle of an autocommit write',
    warm: warmOne,
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), reader('b', one)],
    kills: ['a'],
    ticks: 1,
  },
  {
    name: 'a worker is killed in the middle of a transaction',
    actors: [actor('writer', 'a', committed(sql.updateById('t', 1))), reader('b', one, 2)],
    kills: ['a'],
    ticks: 1,
  },
  {
    name: 'a worker is killed whose query others wait for',
    actors: [
      reader('a', one),
      actor('writer', 'b', write(sql.updateById('t', 1))),
      other(reader('b', one, 2)),
    ],
    kills: ['a'],
    ticks: 1,
  },
  {
    name: 'SQLite: a worker is killed in the middle of a transaction',
    dialect: 'sqlite',
    warm: warmOne,
    actors: [actor('writer', 'a', committed(sql.updateById('t', 1))), reader('b', one, 2)],
    kills: ['a'],
  },
  {
    name: 'a worker that writes loses its line',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1))),
      reader('a', one, 2),
      other(reader('b', one)),
    ],
    disconnects: ['a'],
  },
  {
    name: 'a worker that writes loses its line, time',
    warm: warmOne,
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), reader('b', one)],
    disconnects: ['a'],
    ticks: 1,
  },
  {
    name: 'a worker that reads loses its line',
    warm: warmOne,
    actors: [actor('writer', 'b', write(sql.updateById('t', 1))), reader('a', one, 2)],
    disconnects: ['a'],
  },
  {
    name: 'the primary is killed, a worker writes and reads',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1)), write(sql.updateById('t', 1))),
      reader('a', one, 2),
      other(reader(primary, one)),
    ],
    kills: [primary],
  },
  {
    name: 'a worker hears no more of its primary, time',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1))),
      reader('a', one),
      other(reader('b', one)),
    ],
    silences: ['a'],
    ticks: 1,
  },
]

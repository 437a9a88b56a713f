import { actor, both, one, other, reader, two, warmOne } from './cast.ts'
import { engineless } from './effect.ts'
import { committed, read, rolledBack, times, write } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import * as sql from './statements.ts'

/** Small enough to be gone through to the end, one corner of the protocol each. All of them run in one process and in a cluster. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'a write, two reads one after the other',
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), reader('b', one, 2)],
  },
  {
    name: 'a write, two reads at a time',
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), ...times(2, reader('b', one))],
  },
  {
    name: 'a write, a read of what is cached, and of the same row by another query',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1))),
      reader('b', sql.byTenant('t', 1)),
      other(reader('b', one)),
    ],
  },
  {
    name: 'a write, three reads at a time of what is cached',
    warm: warmOne,
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), ...times(3, reader('b', one))],
  },
  {
    name: 'a write, overlapping reads that join',
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), ...times(3, reader('b', one))],
  },
  {
    name: 'a transaction of two writes, reads of both rows',
    warm: [['a', both]],
    actors: [
      actor('writer', 'a', committed(sql.updateById('t', 1), sql.updateById('t', 2))),
      ...times(2, reader('b', both)),
    ],
  },
  {
    name: 'a transaction whose statements are sent at once, reads by two queries',
    warm: warmOne,
    actors: [
      actor('writer', 'a', {
        do: 'session',
        statements: [sql.begin(), sql.updateById('t', 1), sql.commit],
        atOnce: 'all but the first',
      }),
      reader('b', one),
      other(reader('b', sql.byTenant('t', 1))),
    ],
  },
  {
    name: 'BEGIN, a write and COMMIT sent at once, reads by two queries',
    warm: warmOne,
    actors: [
      actor('writer', 'a', {
        do: 'session',
        statements: [sql.begin(), sql.updateById('t', 1), sql.commit],
        atOnce: 'all',
      }),
      reader('b', one),
      other(reader('b', sql.byTenant('t', 1))),
    ],
  },
  {
    name: 'statements sent at once, of which the first is refused and ends the transaction (a deadlock), reads by two queries',
    dialect: 'mysql',
    warm: warmOne,
    actors: [
      actor('writer', 'a', {
        do: 'session',
        statements: [
          sql.begin(),
          sql.updateById('t', 2, { refused: 'transaction' }),
          sql.updateById('t', 1),
        ],
        atOnce: 'all but the first',
      }),
      reader('b', one, 2),
      other(reader('b', sql.byTenant('t', 1))),
    ],
  },
  {
    name: 'a savepoint rolled back, one released, reads',
    warm: [
      ['a', one],
      ['a', two],
    ],
    actors: [
      actor(
        'writer',
        'a',
        committed(
          sql.savepoint('r'),
          sql.updateById('t', 2),
          sql.rollbackTo('r'),
          sql.savepoint('k'),
          sql.updateById('t', 1),
          sql.release('k'),
        ),
      ),
      reader('b', one, 2),
      other(reader('b', two)),
    ],
    keeps: [two],
  },
  {
    name: 'a rollback, reads inside and outside',
    actors: [
      actor('writer', 'a', rolledBack(sql.updateById('t', 1), one)),
      ...times(2, reader('b', one)),
    ],
  },
  {
    name: 'a read in a transaction with a snapshot, a write, reads',
    actors: [
      actor('old reader', 'a', {
        do: 'session',
        statements: [sql.begin(true), two, one, sql.commit],
      }),
      actor('writer', 'a', write(sql.updateById('t', 1))),
      reader('b', one),
    ],
  },
  {
    name: 'a statement that is refused and keeps its work, reads',
    dialect: 'mysql',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1, { refused: 'part' }))),
      ...times(2, reader('b', one)),
    ],
  },
  {
    name: 'a statement that is refused in a transaction, reads',
    warm: warmOne,
    actors: [
      actor(
        'writer',
        'a',
        committed(sql.updateById('t', 2), sql.updateById('t', 1, { refused: 'transaction' })),
      ),
      reader('b', one, 2),
      other(reader('b', two)),
    ],
  },
  {
    name: 'a table without transactions is written in one that is rolled back, reads',
    dialect: 'mysql',
    warm: [['a', sql.byId(engineless, 1)]],
    actors: [
      actor('writer', 'a', rolledBack(sql.updateById(engineless, 1), sql.updateById('t', 1))),
      reader('b', sql.byId(engineless, 1), 2),
    ],
  },
  {
    name: 'an autocommit write loses its connection, reads, time',
    warm: warmOne,
    actors: [actor('writer', 'a', write(sql.updateById('t', 1))), reader('b', one, 3)],
    cuts: ['writer'],
    ticks: 1,
  },
  {
    name: 'a COMMIT loses its connection, reads, time',
    actors: [
      actor('writer', 'a', committed(sql.updateById('t', 1))),
      ...times(2, reader('b', one, 2)),
    ],
    cuts: ['writer'],
    ticks: 1,
  },
  {
    name: 'the driver loses patience with a COMMIT, reads, time',
    warm: warmOne,
    actors: [actor('writer', 'a', committed(sql.updateById('t', 1))), reader('b', one, 3)],
    impatient: ['writer'],
    ticks: 1,
  },
  {
    name: 'a slow COMMIT, reads of its row by two queries, time',
    actors: [
      actor('writer', 'a', committed(sql.updateById('t', 1))),
      actor('reader', 'b', read(one), read(sql.byTenant('t', 1)), read(one)),
    ],
    ticks: 1,
  },
  {
    name: 'two writers of one row, reads',
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1))),
      actor('other writer', 'b', committed(sql.updateById('t', 1))),
      reader('b', one, 2),
    ],
  },
  {
    name: 'two writers of two rows, reads of both',
    warm: [['a', both]],
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1))),
      actor('other writer', 'b', write(sql.updateById('t', 2))),
      ...times(2, reader('b', both)),
    ],
  },
  {
    name: 'a change by another program, a clear of the table, reads',
    actors: [
      actor('owner', 'a', { do: 'outside', rows: ['t.1'] }, { do: 'clear', table: 't' }),
      ...times(3, reader('b', one)),
    ],
  },
  {
    name: 'a change by another program, a clear of the row, reads',
    actors: [
      actor('owner', 'a', { do: 'outside', rows: ['t.1'] }, { do: 'clear', table: 't', row: 1 }),
      ...times(3, reader('b', one)),
    ],
  },
  {
    name: 'a change by another program, a clear of everything, reads',
    actors: [
      actor('owner', 'a', { do: 'outside', rows: ['t.1'] }, { do: 'clear' }),
      ...times(3, reader('b', one)),
    ],
  },
  {
    name: 'a write by one key, reads of its row by the other and by both',
    warm: [['a', sql.byBoth('t', 1)]],
    actors: [
      actor('writer', 'a', write(sql.updateByTenant('t', 1))),
      reader('b', one, 2),
      other(reader('b', sql.byBoth('t', 1))),
    ],
  },
  {
    name: 'a write by key, reads of its row and of another',
    warm: [
      ['a', one],
      ['a', two],
    ],
    actors: [
      actor('writer', 'a', write(sql.updateById('t', 1))),
      reader('b', one, 2),
      other(reader('b', two)),
    ],
    keeps: [two],
  },
  {
    name: 'a write whose rows only its answer tells, reads of its row and of another',
    warm: [
      ['a', one],
      ['a', two],
    ],
    actors: [
      actor('writer', 'a', write(sql.updateFound('t', [1]))),
      reader('b', one, 2),
      other(reader('b', two)),
    ],
    keeps: [two],
  },
  {
    name: 'a write whose rows only its answer tells, reads of its row by two queries',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateFound('t', [1]))),
      reader('b', one),
      other(reader('b', sql.byTenant('t', 1))),
    ],
  },
  {
    name: 'a transaction whose rows only its answers tell, reads at a time',
    actors: [
      actor('writer', 'a', committed(sql.updateFound('t', [1]))),
      ...times(2, reader('b', one)),
      reader('b', two),
    ],
  },
  {
    name: 'a write to unknown rows, reads by two keys',
    warm: warmOne,
    actors: [
      actor('writer', 'a', write(sql.updateUnknown('t', [1, 2]))),
      reader('b', one),
      other(reader('b', sql.byTenant('t', 1))),
    ],
  },
  {
    name: 'a trigger is created, a write that may fire it, reads of what it changes',
    warm: [['a', sql.byId('u', 1)]],
    actors: [
      actor('owner', 'a', write(sql.createTrigger('t', 'u.1'))),
      actor('writer', 'b', write(sql.updateById('t', 1))),
      reader('b', sql.byId('u', 1)),
    ],
  },
  {
    name: 'a trigger is created, a transaction that may fire it, reads of what it changes',
    actors: [
      actor('owner', 'a', write(sql.createTrigger('t', 'u.1'))),
      actor('writer', 'b', committed(sql.updateById('t', 1))),
      reader('b', sql.byId('u', 1), 2),
    ],
  },
  {
    name: 'a view is defined anew, a write behind it, reads of it',
    views: new Map([['v', 't.1']]),
    actors: [
      actor('owner', 'a', write(sql.defineView('v', 'u.1')), write(sql.updateById('u', 1))),
      reader('b', sql.byView('v'), 3),
    ],
  },
  {
    name: 'SQLite: a transaction of two tables, reads of both',
    dialect: 'sqlite',
    warm: warmOne,
    actors: [
      actor('writer', 'a', committed(sql.updateById('t', 1), sql.updateById('u', 1))),
      reader('b', one, 2),
      other(reader('b', sql.byId('u', 1))),
    ],
  },
  {
    name: 'SQLite: a transaction whose statements are sent at once, reads by two queries',
    dialect: 'sqlite',
    warm: warmOne,
    actors: [
      actor('writer', 'a', {
        do: 'session',
        statements: [sql.begin(), sql.updateById('t', 1), sql.updateById('u', 1), sql.commit],
        atOnce: 'all but the first',
      }),
      reader('b', one),
      other(reader('b', sql.byTenant('t', 1))),
    ],
  },
  {
    name: 'SQLite: a savepoint is the transaction, reads',
    dialect: 'sqlite',
    actors: [
      actor('writer', 'a', {
        do: 'session',
        statements: [sql.savepoint('s'), sql.updateById('t', 1), sql.release('s')],
      }),
      ...times(2, reader('b', one)),
    ],
  },
]

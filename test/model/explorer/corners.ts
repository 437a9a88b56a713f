import { actor, one, other, reader, warmOne } from './cast.ts'
import type { Scenario } from './scenario.ts'
import * as sql from './statements.ts'

/**
 * Where the guarantees end today: statements of one transaction that do not wait for each other's answers. A statement is judged when it is
 * called, by what the connection's transaction is then; when the server executes it, that transaction may be over, or has only begun. And of
 * two, the later one overtakes the earlier where that waits for its announcement.
 */
export const corners: readonly Scenario[] = [
  {
    name: 'statements sent at once, of which the first is refused and ends the transaction (a deadlock)',
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
    name: 'BEGIN, a write and COMMIT sent at once',
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
]

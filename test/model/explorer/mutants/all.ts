import type { Footprint, StatementFootprint } from '../../../../src/contract/footprint.ts'
import type { Flaws } from '../world.ts'
import * as authority from './authority.ts'
import { forgetsCounters } from './counter-store.ts'
import * as store from './store.ts'

/** A protocol with one rule broken, and where that must be found. */
export interface Mutant {
  readonly name: string
  readonly flaws: Flaws
  readonly deployment: 'memory' | 'restarting' | 'cluster' | 'lives'
  /** The scenario that finds it, or would. */
  readonly foundBy: string
}

const misreading =
  (change: (statement: StatementFootprint) => StatementFootprint) =>
  (footprint: Footprint): Footprint =>
    footprint.map(change)

/** The control statement as another one. */
const takenFor = (
  op: string,
  control: (name: string) => NonNullable<StatementFootprint['control']>,
): ((footprint: Footprint) => Footprint) =>
  misreading((statement) =>
    statement.control?.op === op
      ? {
          ...statement,
          control: control('name' in statement.control ? statement.control.name : ''),
        }
      : statement,
  )

export const mutants: readonly Mutant[] = [
  {
    name: 'readers join any query under way',
    flaws: { store: store.joinsBlindly },
    deployment: 'memory',
    foundBy: 'a write, two reads at a time',
  },
  {
    name: 'the stamp is taken after the load',
    flaws: { store: store.stampsAfterLoad },
    deployment: 'memory',
    foundBy: 'a write, two reads one after the other',
  },
  {
    name: 'there is no stamp: entries are deleted after the commit',
    flaws: { store: store.stampsNothing },
    deployment: 'memory',
    foundBy: 'a write, a read of what is cached, and of the same row by another query',
  },
  {
    name: 'a transaction that is rolled back later fills the cache',
    flaws: { tap: { cachesInTransactions: true } },
    deployment: 'memory',
    foundBy: 'a rollback, reads inside and outside',
  },
  {
    name: 'a transaction fills the cache from an old snapshot',
    flaws: { tap: { cachesInTransactions: true } },
    deployment: 'memory',
    foundBy: 'a read in a transaction with a snapshot, a write, reads',
  },
  {
    name: 'fills come from a replica that lags behind',
    flaws: { tap: { loadsFromReplica: true } },
    deployment: 'memory',
    foundBy: 'a write, two reads one after the other',
  },
  {
    name: 'counters of tags are evicted and start again',
    flaws: { store: forgetsCounters },
    deployment: 'memory',
    foundBy: 'a write, three reads at a time of what is cached',
  },
  {
    name: 'the authority loses its state and its epoch stays',
    flaws: { store: { oneEpoch: true } },
    deployment: 'restarting',
    foundBy: 'a write, two reads at a time',
  },
  {
    name: 'the bump comes before the write only',
    flaws: { store: authority.bumpsBeforeOnly },
    deployment: 'memory',
    foundBy: 'a write, two reads one after the other',
  },
  {
    name: 'the bump comes after the write only',
    flaws: { store: authority.bumpsAfterOnly },
    deployment: 'memory',
    foundBy: 'a write, a read of what is cached, and of the same row by another query',
  },
  {
    name: 'a mark is lifted without a touch',
    flaws: { store: authority.touchesNothing },
    deployment: 'memory',
    foundBy: 'a write, three reads at a time of what is cached',
  },
  {
    name: 'an entry is served while a mark stands',
    flaws: { store: store.servesWhilePending },
    deployment: 'memory',
    foundBy: 'a write, a read of what is cached, and of the same row by another query',
  },
  {
    name: 'workers keep copies and are told later to drop them',
    flaws: { store: store.pushesInvalidations },
    deployment: 'cluster',
    foundBy: 'a write in a worker, a read in another that has read before',
  },
  {
    name: 'a write is acknowledged before its settle reached anybody, without a mark',
    flaws: { store: authority.announcesAsynchronously },
    deployment: 'cluster',
    foundBy: 'a write in a worker, a read in another that has read before',
  },
  {
    name: 'a write of unknown outcome is settled at once',
    flaws: { store: authority.settlesUnknownAtOnce },
    deployment: 'memory',
    foundBy: 'an autocommit write loses its connection, reads, time',
  },
  {
    name: 'the mark of a write of unknown outcome is lifted',
    flaws: { store: authority.liftsUnknown },
    deployment: 'memory',
    foundBy: 'an autocommit write loses its connection, reads, time',
  },
  {
    name: 'a mark expires while its COMMIT is under way',
    flaws: { store: authority.marksExpire },
    deployment: 'memory',
    foundBy: 'a slow COMMIT, reads of its row by two queries, time',
  },
  {
    name: "a dead owner's marks are lifted",
    flaws: { store: authority.liftsMarksOfTheDead },
    deployment: 'cluster',
    foundBy: 'a worker is killed in the middle of an autocommit write',
  },
  {
    name: "a dead owner's marks are settled at once",
    flaws: { store: authority.settlesMarksOfTheDeadAtOnce },
    deployment: 'cluster',
    foundBy: 'a worker is killed in the middle of an autocommit write',
  },
  {
    name: 'a worker that lost its line is taken for dead',
    flaws: { store: { disconnectIsExit: true } },
    deployment: 'cluster',
    foundBy: 'a worker that writes loses its line, time',
  },
  {
    name: 'the caller hears of a COMMIT before the listener that bumps',
    flaws: { tap: { answersEarly: true }, store: authority.bumpsAfterOnly },
    deployment: 'memory',
    foundBy: 'a transaction of two writes, reads of both rows',
  },
  {
    name: 'an UPDATE with .cache() is sent like a read',
    flaws: { tap: { announcesNothing: true } },
    deployment: 'memory',
    foundBy: 'a write, two reads one after the other',
  },
  {
    name: 'a fill lands after the clear that it began before',
    flaws: { tap: { clearsWithoutBump: true }, store: store.clearsEntriesOnly },
    deployment: 'memory',
    foundBy: 'a change by another program, a clear of the table, reads',
  },
  {
    name: 'a settle lifts before it touches',
    flaws: { store: authority.liftsBeforeTouch },
    deployment: 'memory',
    foundBy: 'a write, a read of what is cached, and of the same row by another query',
  },
  {
    name: 'what the mark does not cover is touched after it was lifted',
    flaws: { store: authority.touchesTheRestLater },
    deployment: 'memory',
    foundBy: 'a write whose rows only its answer tells, reads of its row and of another',
  },
  {
    name: 'what the mark does not cover is never touched',
    flaws: { store: authority.touchesMarkedOnly },
    deployment: 'memory',
    foundBy: 'a write whose rows only its answer tells, reads of its row and of another',
  },
  {
    name: 'the mark leaves out T.c?',
    flaws: { store: authority.marksNoUnknownValues },
    deployment: 'memory',
    foundBy: 'a write whose rows only its answer tells, reads of its row by two queries',
  },
  {
    name: 'the mark leaves out T?',
    flaws: { store: authority.marksNoUnknownRows },
    deployment: 'memory',
    foundBy: 'a write to unknown rows, reads by two keys',
  },
  {
    name: 'an alternative counts as usable while it is pending',
    flaws: { store: store.trustsPendingAlternatives },
    deployment: 'memory',
    foundBy: 'a write by one key, reads of its row by the other and by both',
  },
  {
    name: 'a schema change widens no standing mark',
    flaws: { store: authority.widensNothing },
    deployment: 'memory',
    foundBy: 'a trigger is created, a write that may fire it, reads of what it changes',
  },
  {
    name: 'a writer does not hear that its catalog is old',
    flaws: { store: authority.tellsNoSchema },
    deployment: 'memory',
    foundBy: 'a trigger is created, a write that may fire it, reads of what it changes',
  },
  {
    name: 'a reader does not hear that its catalog is old',
    flaws: { tap: { trustsOldCatalog: true } },
    deployment: 'cluster',
    foundBy: 'a view is defined anew, a write behind it, reads of it',
  },
  {
    name: 'a refused statement is taken to have done nothing',
    flaws: { tap: { forgivesRefusals: true } },
    deployment: 'memory',
    foundBy: 'a statement that is refused and keeps its work, reads',
  },
  {
    name: 'every table is taken to have transactions',
    flaws: { tap: { trustsEngines: true } },
    deployment: 'memory',
    foundBy: 'a table without transactions is written in one that is rolled back, reads',
  },
  {
    name: 'RELEASE is taken for ROLLBACK TO',
    flaws: { tap: { misreads: takenFor('release', (name) => ({ op: 'rollback-to', name })) } },
    deployment: 'memory',
    foundBy: 'a savepoint rolled back, one released, reads',
  },
  {
    name: 'a new process does not wait for what a killed one has sent',
    flaws: { store: { forgetsThePast: true } },
    deployment: 'lives',
    foundBy: 'a process is killed in the middle of an autocommit write, its successor reads',
  },
  {
    name: 'a write is sent before its marker is written',
    flaws: {
      store: {
        watch: (watch) => ({ begin: () => void watch.begin(), end: (how) => watch.end(how) }),
      },
    },
    deployment: 'lives',
    foundBy: 'a process is killed in the middle of an autocommit write, its successor reads',
  },
  {
    name: 'the marker of a write without an answer goes like any other',
    flaws: {
      store: { watch: (watch) => ({ begin: () => watch.begin(), end: () => watch.end('known') }) },
    },
    deployment: 'lives',
    foundBy: 'a process is killed after a write without an answer, its successor reads',
  },
  {
    name: 'a write is judged before the BEGIN that it meets is answered',
    flaws: { tap: { takesNoTurns: true } },
    deployment: 'memory',
    foundBy: 'BEGIN, a write and COMMIT sent at once, reads by two queries',
  },
  {
    name: 'a write is judged before the one that takes its transaction along is answered',
    flaws: { tap: { takesNoTurns: true } },
    deployment: 'memory',
    foundBy:
      'statements sent at once, of which the first is refused and ends the transaction (a deadlock), reads by two queries',
  },
  {
    name: 'a worker waits for its primary without a limit',
    flaws: { store: { answerTimeoutMs: Infinity } },
    deployment: 'cluster',
    foundBy: 'a worker hears no more of its primary, time',
  },
]

/**
 * Changes that look like flaws and break nothing, because another rule stands behind each:
 *
 * - A ticket that was given out while a mark stands has a stamp from before its touch, so its fill is refused; after a mark that was lifted
 *   without one there is nothing to be afraid of. Going to the database without a ticket only saves the work.
 * - A clear both bumps and voids the tickets that are out; either is enough.
 * - A caller that hears of its COMMIT before the guard settles finds the mark still standing, so whoever reads next goes to the database. With
 *   an invalidation that begins after the COMMIT it is a flaw; see above.
 */
export const harmless: readonly Mutant[] = [
  {
    name: 'tickets are given out while a mark stands',
    flaws: { store: store.ticketsWhilePending },
    deployment: 'memory',
    foundBy: 'a write, two reads at a time',
  },
  {
    name: 'a clear bumps nothing',
    flaws: { tap: { clearsWithoutBump: true } },
    deployment: 'memory',
    foundBy: 'a change by another program, a clear of the table, reads',
  },
  {
    name: 'a clear lets in what is under way, after a bump',
    flaws: { store: store.clearsEntriesOnly },
    deployment: 'memory',
    foundBy: 'a change by another program, a clear of the table, reads',
  },
  {
    name: 'the caller hears of a COMMIT before the guard, whose mark stands',
    flaws: { tap: { answersEarly: true } },
    deployment: 'memory',
    foundBy: 'a transaction of two writes, reads of both rows',
  },
]

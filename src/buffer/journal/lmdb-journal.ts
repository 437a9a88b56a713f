import { MillraceError } from '../../base/errors.ts'
import type { Journal, JournalTurn } from '../../contract/journal.ts'
import { GroupCommit } from './group-commit.ts'
import { tooNew, unreadable } from './journal-fault.ts'
import { turnKey, turnNumbers } from './journal-keys.ts'
import type { JournalFile } from './journal-keys.ts'
import { JournalWriter } from './journal-writer.ts'
import type { LaneChange } from './journal-writer.ts'
import { newLane } from './lane-state.ts'
import type { LaneState } from './lane-state.ts'
import { release } from './owner.ts'
import { readTurn } from './turn-record.ts'

/** What a journal over an opened and claimed file is made of. */
export interface LmdbJournalParts {
  readonly file: JournalFile
  /** The owner's token; see `owner.ts`. */
  readonly token: number
  readonly directory: string
  readonly source: string
  readonly lanes: readonly LaneState[]
}

type Job =
  | { readonly op: 'append'; readonly lane: LaneState; readonly turn: JournalTurn }
  | { readonly op: 'trim'; readonly lane: LaneState; readonly position: number }

/**
 * The journal in an LMDB file: one framed value per turn, all turns of a moment in one commit. LMDB syncs a commit before
 * it reports it; its overlapping sync is off, because that one swallows the error of a failed sync.
 *
 * A failed append takes every append behind it along, and the lane goes on from its last synced number: the caller hands
 * those numbers in again, and what the failed commit may have left of them is removed together with that write.
 */
export class LmdbJournal implements Journal {
  readonly source: string
  readonly #file: JournalFile
  readonly #token: number
  readonly #directory: string
  readonly #lanes: Map<string, LaneState>
  readonly #writer: JournalWriter
  readonly #commits: GroupCommit<Job>
  #closing: Promise<void> | undefined

  constructor(parts: LmdbJournalParts) {
    this.source = parts.source
    this.#file = parts.file
    this.#token = parts.token
    this.#directory = parts.directory
    this.#lanes = new Map(parts.lanes.map((lane) => [lane.name, lane]))
    this.#writer = new JournalWriter(parts.file, parts.token, parts.directory)
    this.#commits = new GroupCommit<Job>(
      (jobs) => this.#commit(jobs),
      (job) => job.op === 'append',
    )
  }

  /** Rejects with `MILLRACE_JOURNAL_GAP`, writing nothing, when the turn does not follow the last one. */
  append(lane: string, turn: JournalTurn): Promise<void> {
    const state = this.#lane(lane)
    const expected = state.queued === undefined ? turn.first : state.queued + 1
    if (turn.first !== expected || turn.last < turn.first) {
      return Promise.reject(notNext(lane, turn, expected))
    }
    if (state.queued === undefined) state.checkpoint = state.durable = turn.first - 1
    state.queued = turn.last
    return this.#commits.add({ op: 'append', lane: state, turn })
  }

  *read(lane: string): Iterable<JournalTurn> {
    const state = this.#lanes.get(lane)
    if (state === undefined) return
    let next = state.checkpoint + 1
    let isFirst = true
    for (const last of turnNumbers(this.#file, lane, state.checkpoint, state.durable)) {
      const turn = this.#readTurn(lane, last)
      // The first one kept may begin before the checkpoint: turns are dropped whole.
      if (turn.first !== next && !(isFirst && turn.first < next)) {
        throw this.#missing(lane, next, turn.first - 1)
      }
      isFirst = false
      next = turn.last + 1
      yield turn
    }
    if (next <= state.durable) throw this.#missing(lane, next, state.durable)
  }

  lanes(): readonly string[] {
    return [...this.#lanes.values()]
      .filter((lane) => lane.queued !== undefined)
      .map((lane) => lane.name)
  }

  checkpoint(lane: string): number {
    return this.#lanes.get(lane)?.checkpoint ?? 0
  }

  /** A position above all turns moves the lane there: the next turn follows it. */
  trim(lane: string, position: number): Promise<void> {
    return this.#commits.add({ op: 'trim', lane: this.#lane(lane), position })
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#commits.close()
    try {
      const behind = [...this.#lanes.values()].filter((lane) => lane.recorded < lane.durable)
      if (behind.length > 0) await this.#writer.write(changesOf(behind, []))
      await release(this.#file, this.#token)
    } catch {
      // Everything acknowledged is synced; what fails here only spares the next opening some work.
    } finally {
      await this.#file.close()
    }
  }

  #lane(name: string): LaneState {
    let lane = this.#lanes.get(name)
    if (lane === undefined) {
      lane = newLane(name)
      this.#lanes.set(name, lane)
    }
    return lane
  }

  async #commit(jobs: readonly Job[]): Promise<void> {
    const lanes = new Set(jobs.map((job) => job.lane))
    try {
      await this.#writer.write(changesOf([...lanes], jobs))
    } catch (error) {
      for (const lane of this.#lanes.values()) {
        if (lane.queued === undefined || lane.queued === lane.durable) continue
        lane.queued = lane.durable
        lane.hasLeftovers = true
      }
      throw error
    }
  }

  #readTurn(lane: string, last: number): JournalTurn {
    const reading = readTurn(lane, last, this.#file.get(turnKey(lane, last)) ?? Buffer.alloc(0))
    switch (reading.state) {
      case 'whole':
        return reading.turn
      case 'newer':
        throw tooNew(this.#directory, reading.version)
      case 'damaged':
        throw unreadable(
          this.#directory,
          `writes up to ${String(last)} of lane ${lane} are damaged`,
        )
    }
  }

  #missing(lane: string, from: number, to: number): MillraceError {
    const what = `writes ${String(from)} to ${String(to)} of lane ${lane} are missing`
    return unreadable(this.#directory, what)
  }
}

/** What a group of jobs comes to, lane by lane. */
function changesOf(lanes: readonly LaneState[], jobs: readonly Job[]): Map<LaneState, LaneChange> {
  return new Map(
    lanes.map((lane): [LaneState, LaneChange] => {
      const own = jobs.filter((job) => job.lane === lane)
      const turns = own.flatMap((job) => (job.op === 'append' ? [job.turn] : []))
      const positions = own.map((job) => (job.op === 'trim' ? job.position : 0))
      return [lane, { turns, checkpoint: Math.max(lane.checkpoint, ...positions) }]
    }),
  )
}

function notNext(lane: string, turn: JournalTurn, expected: number): MillraceError {
  return new MillraceError(
    'MILLRACE_JOURNAL_GAP',
    `Writes ${String(turn.first)} to ${String(turn.last)} of lane ${lane} do not follow ${String(expected - 1)}, where its journal ends.`,
  )
}

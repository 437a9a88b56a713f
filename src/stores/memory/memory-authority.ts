import { randomUUID } from 'node:crypto'
import type { Awaitable } from '../../base/awaitable.ts'
import type { CancelTimer, Clock } from '../../base/clock.ts'
import { deferred } from '../../base/deferred.ts'
import type { Deferred } from '../../base/deferred.ts'
import { MillraceError } from '../../base/errors.ts'
import type { Mark, MarkRequest, Slot, VersionAuthority } from '../../contract/authority.ts'
import { MarkPlaces } from './mark-places.ts'
import { TouchClocks } from './touch-clocks.ts'

/** The owner of what this process does itself; workers have numbers above zero. */
export const thisProcess = 0

/** The slot that every query depends on. */
const everything: Slot = 0

/** What a {@link MemoryAuthority} is made of. */
export interface MemoryAuthorityOptions {
  readonly clock: Clock
  /** How many touch clocks; 2^20 unless given. */
  readonly slotCount?: number
  /** Makes the epoch, a text that no other life of any authority has; a random UUID unless a test gives its own. */
  readonly newEpoch?: () => string
}

/** Slots up to this many are compared with each other; more go into a set. */
const fewSlots = 16

interface StandingMark extends Mark {
  readonly owner: number
  readonly slots: readonly Slot[]
  /** The slot whose touch widens the mark. */
  readonly watch: Slot
  readonly settleDelayMs: number
  /** Also pending on {@link everything}: what the write reaches is no longer known. */
  widened: boolean
  cancelSettle: CancelTimer | undefined
}

interface WaitingMark {
  readonly owner: number
  readonly request: MarkRequest
  readonly slots: readonly Slot[]
  readonly admitted: Deferred<Mark>
}

/**
 * The authority in this heap. A mark goes through these states:
 *
 * - *waiting*: one of its slots holds {@link maxMarksPerSlot} marks. Enters by `mark`, leaves to *standing* when a settle makes room.
 * - *standing*: readers of its slots bypass. Leaves by `settle` (touch some slots, lift the others).
 * - *settling*: the outcome is unknown, or the owner died. Still pending; leaves by `settle`, or by its timer, which touches every slot.
 *   A dead owner's mark is never just lifted: its COMMIT may still be on the wire.
 * - *widened*, beside any of these: the watched slot was touched while the mark stood. The write was judged by the schema of before and may
 *   meet the new one (a trigger that it now fires), so it counts for every table: pending at once, touched when it ends.
 * - *ended*: a later `settle` only touches again, which can cost a miss but hides nothing.
 *
 * Everything is synchronous except the wait of a full slot, so a mark stands when `mark` returns.
 */
export class MemoryAuthority implements VersionAuthority {
  /** The authority's life. Entries and tickets of another one are void. */
  readonly epoch: string
  /** The sequence and the slots; the store validates entries against them. */
  readonly clocks: TouchClocks
  readonly isLocal = true
  readonly #clock: Clock
  readonly #marks = new MarkPlaces<StandingMark>()
  /** Every slot that a mark ever watched: one per database. */
  readonly #watches: Slot[] = []
  #waiting: WaitingMark[] = []

  constructor(options: MemoryAuthorityOptions) {
    this.#clock = options.clock
    this.clocks = new TouchClocks(options.slotCount)
    this.epoch = (options.newEpoch ?? randomUUID)()
  }

  get slotCount(): number {
    return this.clocks.slotCount
  }

  /** Marks that stand now, settling ones included. */
  get standingMarks(): number {
    return this.#marks.size
  }

  mark(request: MarkRequest): Awaitable<Mark> {
    return this.markFor(thisProcess, request)
  }

  /** As `mark`, for a process that may die on its own; see {@link MemoryAuthority.ownerGone}. */
  markFor(owner: number, request: MarkRequest): Awaitable<Mark> {
    const slots = distinct(request.slots)
    if (!this.clocks.full(slots)) return this.#admit(owner, request, slots)
    const waiting: WaitingMark = { owner, request, slots, admitted: deferred<Mark>() }
    this.#waiting.push(waiting)
    return waiting.admitted.promise
  }

  settle(mark: Mark, touched: readonly Slot[]): void {
    const standing = this.#marks.get(mark.id)
    if (standing === undefined) {
      this.bump(touched)
      return
    }
    this.clocks.check(touched) // before anything ends: with a slot that does not exist, the mark stands
    this.#marks.delete(standing)
    standing.cancelSettle?.()
    // Touch first, lift second: in between the slot is both, never neither. A reader of a touched slot that was not marked consults a
    // marked one too, which is pending until all are touched.
    if (standing.widened) {
      if (touched.length > 0) this.bump([...touched, everything])
      this.clocks.lower([...standing.slots, everything])
    } else {
      this.bump(touched)
      this.clocks.lower(standing.slots)
    }
    if (this.#waiting.length > 0) this.#admitWaiting()
  }

  settleLater(mark: Mark): void {
    const standing = this.#marks.get(mark.id)
    if (standing === undefined || standing.cancelSettle !== undefined) return
    const settle = (): void => this.settle(mark, standing.slots)
    if (standing.settleDelayMs > 0) {
      standing.cancelSettle = this.#clock.after(standing.settleDelayMs, settle)
    } else settle()
  }

  lastTouch(slot: Slot): number {
    return this.clocks.lastTouch(slot)
  }

  bump(slots: readonly Slot[]): void {
    this.clocks.touch(slots)
    for (const watch of this.#watches) if (slots.includes(watch)) this.#widen(watch)
  }

  /** An owner died: its waiting marks are dropped (it was never told to go on), its standing ones are touched after their settle delay. */
  ownerGone(owner: number): void {
    const dropped = this.#waiting.filter((waiting) => waiting.owner === owner)
    this.#waiting = this.#waiting.filter((waiting) => waiting.owner !== owner)
    for (const { admitted } of dropped) {
      admitted.reject(
        new MillraceError('MILLRACE_STORE_LOST', 'The process that asked for this mark is gone.'),
      )
    }
    for (const mark of this.#marks.all()) {
      if (mark.owner === owner) this.settleLater({ id: mark.id, watched: 0 })
    }
  }

  /** Stops the timers; for a store that closes, whose entries are gone anyway. */
  close(): void {
    for (const mark of this.#marks.all()) mark.cancelSettle?.()
  }

  #admit(owner: number, request: MarkRequest, slots: readonly Slot[]): Mark {
    const { watch, settleDelayMs } = request
    this.clocks.raise(slots)
    const mark: StandingMark = {
      id: this.#marks.nextId(),
      watched: this.clocks.lastTouch(watch),
      owner,
      slots,
      watch,
      settleDelayMs,
      widened: false,
      cancelSettle: undefined,
    }
    this.#marks.add(mark)
    if (!this.#watches.includes(watch)) this.#watches.push(watch)
    return mark
  }

  /** Lets the marks that watch this slot cover every query. */
  #widen(watch: Slot): void {
    for (const mark of this.#marks.all()) {
      if (mark.widened || mark.watch !== watch) continue
      mark.widened = true
      this.clocks.raise([everything])
    }
  }

  #admitWaiting(): void {
    this.#waiting = this.#waiting.filter(({ owner, request, slots, admitted }) => {
      if (this.clocks.full(slots)) return true
      admitted.resolve(this.#admit(owner, request, slots))
      return false
    })
  }
}

/** The slots without repeats: the same array if there are none. */
function distinct(slots: readonly Slot[]): readonly Slot[] {
  if (slots.length > fewSlots) return [...new Set(slots)]
  for (let i = 1; i < slots.length; i += 1) {
    for (let j = 0; j < i; j += 1) if (slots[i] === slots[j]) return [...new Set(slots)]
  }
  return slots
}

import type { Slot } from '../../contract/authority.ts'
import type { Program } from '../../contract/program.ts'

/**
 * One pending mark in a slot's number. A slot is `marks * 2^43 + seq`, so a marked slot is simply a huge number, and
 * "overtaken" and "pending" are one comparison with a stamp.
 */
const onePending = 2 ** 43

/** More marks than this in one slot would push its number past 2^53, where doubles lose the low bits of `seq`. */
const maxMarksPerSlot = 1023

/** Slots in the array unless an option says otherwise: 8 MB of address space, of which only touched pages become memory. */
const defaultSlotCount: number = 2 ** 20

/**
 * The sequence and the touch clocks: for each slot the sequence number of its last touch and the count of its pending marks.
 * The sequence part of a slot never decreases.
 *
 * Memory is constant: nothing is ever added or evicted, so no counter can restart behind a reader's back. A slot outside of the array
 * reads as infinitely new (never valid); writing to one throws.
 */
export class TouchClocks {
  readonly slotCount: number
  readonly #clocks: Float64Array
  #seq = 0

  constructor(slotCount: number = defaultSlotCount) {
    this.slotCount = slotCount
    // Zeroed by the operating system page by page on first use: creating it costs microseconds, whatever its size.
    this.#clocks = new Float64Array(slotCount)
  }

  /** The current sequence number: the stamp of whoever starts a query now. */
  get seq(): number {
    return this.#seq
  }

  /**
   * Whether the program holds for the stamp now: the whole validity check of an entry. A pending slot is newer than any stamp, so an
   * alternative with a pending slot is not usable, and one of the others may be.
   */
  holds(program: Program, stamp: number): boolean {
    const { all, any } = program
    const clocks = this.#clocks
    for (let i = 0; i < all.length; i++) {
      const slot = all[i]
      if (slot === undefined || (clocks[slot] ?? Infinity) > stamp) return false
    }
    for (let i = 0; i < any.length; i++) {
      const group = any[i]
      if (group === undefined || !this.#oneHolds(group, stamp)) return false
    }
    return true
  }

  /** Whether the program would not hold for the stamp even with every mark lifted: such an entry will never be valid again. */
  touchedSince(program: Program, stamp: number): boolean {
    const { all, any } = program
    for (const slot of all) if (this.lastTouch(slot) > stamp) return true
    return any.some((group) => group.every((each) => this.touchedSince(each, stamp)))
  }

  /** Whether marks are in the way of the program, whatever the stamp. */
  pending(program: Program): boolean {
    return !this.holds(program, onePending - 1)
  }

  /** Whether any of the slots has all the marks that it can hold. Throws a `RangeError` unless all of them exist. */
  full(slots: readonly Slot[]): boolean {
    let full = false
    for (const slot of slots) if (this.#read(slot) >= maxMarksPerSlot * onePending) full = true
    return full
  }

  /** The sequence number of a slot's last touch; infinite for a slot outside of the array. */
  lastTouch(slot: Slot): number {
    const clock = this.#clocks[slot] ?? Infinity
    if (clock < onePending || clock === Infinity) return clock
    return clock - Math.floor(clock / onePending) * onePending
  }

  /** The sequence number of the last touch of any of the slots; 0 for none. */
  lastTouchOf(slots: readonly Slot[]): number {
    let latest = 0
    for (const slot of slots) latest = Math.max(latest, this.lastTouch(slot))
    return latest
  }

  /** Throws a `RangeError` unless all the slots exist. */
  check(slots: readonly Slot[]): void {
    for (const slot of slots) this.#read(slot)
  }

  /** Gives the slots one new sequence number; pending marks stay. */
  touch(slots: readonly Slot[]): void {
    if (slots.length === 0) return
    this.check(slots) // all or nothing
    const seq = ++this.#seq
    for (const slot of slots) {
      const clock = this.#read(slot)
      this.#clocks[slot] =
        clock < onePending ? seq : Math.floor(clock / onePending) * onePending + seq
    }
  }

  /** Adds a pending mark to each slot; the slots must be distinct and not full. */
  raise(slots: readonly Slot[]): void {
    for (const slot of slots) this.#clocks[slot] = this.#read(slot) + onePending
  }

  /** Takes a pending mark from each slot. */
  lower(slots: readonly Slot[]): void {
    for (const slot of slots) this.#clocks[slot] = this.#read(slot) - onePending
  }

  /** Whether one of the alternatives holds. */
  #oneHolds(group: readonly Program[], stamp: number): boolean {
    for (const alternative of group) if (this.holds(alternative, stamp)) return true
    return false
  }

  #read(slot: Slot): number {
    const clock = this.#clocks[slot]
    if (clock === undefined) {
      throw new RangeError(
        `Slot ${slot} is not one of the ${this.slotCount} slots of this authority.`,
      )
    }
    return clock
  }
}

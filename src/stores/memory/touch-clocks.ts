import type { Slot } from '../../contract/authority.ts'

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

  /** Whether any of the slots was touched after the stamp or is pending: the whole validity check of an entry. */
  overtaken(slots: readonly Slot[], stamp: number): boolean {
    const clocks = this.#clocks
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]
      if (slot === undefined || (clocks[slot] ?? Infinity) > stamp) return true
    }
    return false
  }

  /** Whether any of the slots was touched after the stamp, pending or not: such an entry will never be valid again. */
  touchedSince(slots: readonly Slot[], stamp: number): boolean {
    for (const slot of slots) if (this.lastTouch(slot) > stamp) return true
    return false
  }

  /** Whether any of the slots has a pending mark. */
  pending(slots: readonly Slot[]): boolean {
    for (const slot of slots) if ((this.#clocks[slot] ?? Infinity) >= onePending) return true
    return false
  }

  /** Whether any of the slots has all the marks that it can hold. */
  full(slots: readonly Slot[]): boolean {
    for (const slot of slots) if (this.#read(slot) >= maxMarksPerSlot * onePending) return true
    return false
  }

  /** The sequence number of a slot's last touch. */
  lastTouch(slot: Slot): number {
    const clock = this.#clocks[slot] ?? Infinity
    return clock < onePending ? clock : clock - Math.floor(clock / onePending) * onePending
  }

  /** Gives the slots one new sequence number; pending marks stay. */
  touch(slots: readonly Slot[]): void {
    if (slots.length === 0) return
    for (const slot of slots) this.#read(slot) // all or nothing: a slot out of range throws before any is written
    this.#seq++
    for (const slot of slots) {
      const marks = Math.floor(this.#read(slot) / onePending)
      this.#clocks[slot] = marks * onePending + this.#seq
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

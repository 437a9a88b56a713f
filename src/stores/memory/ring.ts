/** Something in a ring that may have been read lately. */
export interface Ringed {
  /** Read since the hand came by last: one second chance. */
  referenced: boolean
}

/** An item's place in a ring. */
export interface Seat<T extends Ringed> {
  readonly item: T
  readonly ring: Ring<T>
  at: number
}

/**
 * Items in a circle with an eviction hand (the CLOCK algorithm): a hit costs one bit, adding and removing are O(1), and order is looked
 * at only when something must go. Whatever leaves is replaced by the last item, so there are no gaps to walk over. A `Map` with a
 * long-lived iterator would be shorter, but such an iterator keeps every outgrown table of the map alive.
 */
export class Ring<T extends Ringed> {
  readonly #seats: Seat<T>[] = []
  #hand = 0
  #swept = 0

  get size(): number {
    return this.#seats.length
  }

  /** Everything in it, as a copy. */
  items(): T[] {
    return this.#seats.map(({ item }) => item)
  }

  add(item: T): Seat<T> {
    const seat = { item, ring: this, at: this.#seats.length }
    this.#seats.push(seat)
    return seat
  }

  remove(seat: Seat<T>): void {
    const last = this.#seats.pop()
    if (last === undefined || last === seat) return
    this.#seats[seat.at] = last
    last.at = seat.at
  }

  /** The next item that was not read since the hand came by last; `undefined` only when the ring is empty. */
  victim(): T | undefined {
    for (;;) {
      if (this.#hand >= this.#seats.length) this.#hand = 0
      // The hand moves on before the victim goes: the last item, put into its place, is behind the hand.
      const seat = this.#seats[this.#hand++]
      if (seat?.item.referenced !== true) return seat?.item
      seat.item.referenced = false
    }
  }

  /** Shows up to `limit` items to `visit`, going on where the last sweep stopped. `visit` may remove its item. */
  sweep(limit: number, visit: (item: T) => void): void {
    for (let left = Math.min(limit, this.#seats.length); left > 0; left--) {
      if (this.#swept >= this.#seats.length) this.#swept = 0
      const seat = this.#seats[this.#swept]
      if (seat === undefined) return
      visit(seat.item)
      if (this.#seats[this.#swept] === seat) this.#swept++
    }
  }
}

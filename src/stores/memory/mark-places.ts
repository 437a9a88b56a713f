/** Places to begin with; a power of two, as every later number of them. */
const firstPlaces = 64

/**
 * Things that stand for a while, found by a number that is never given twice. A number's low bits are its place in an array, which doubles
 * when it is half full: one in and one out, over and over, allocates nothing. (A `Map` with ever new keys is hashed anew every few of them.)
 */
export class MarkPlaces<T extends { readonly id: number }> {
  #places: (T | undefined)[] = new Array<T | undefined>(firstPlaces).fill(undefined)
  #size = 0
  #lastId = 0

  /** How many stand. */
  get size(): number {
    return this.#size
  }

  /** The number for the next thing that is added. */
  nextId(): number {
    if (this.#size * 2 >= this.#places.length) this.#grow()
    const bits = this.#places.length - 1
    do this.#lastId += 1
    while (this.#places[this.#lastId & bits] !== undefined)
    return this.#lastId
  }

  /** Adds a thing under the number that was given last. */
  add(thing: T): void {
    this.#places[thing.id & (this.#places.length - 1)] = thing
    this.#size += 1
  }

  /** What stands under a number; undefined if it has ended, or never was. */
  get(id: number): T | undefined {
    const thing = this.#places[id & (this.#places.length - 1)]
    return thing?.id === id ? thing : undefined
  }

  delete(thing: T): void {
    if (this.get(thing.id) === undefined) return
    this.#places[thing.id & (this.#places.length - 1)] = undefined
    this.#size -= 1
  }

  /** All that stand now, in no order; a copy. */
  all(): T[] {
    return this.#places.filter((thing) => thing !== undefined)
  }

  /** Numbers that differ in their low bits differ in more of them too: each finds a place of its own. */
  #grow(): void {
    const things = this.all()
    const length = this.#places.length * 2
    this.#places = new Array<T | undefined>(length).fill(undefined)
    for (const thing of things) this.#places[thing.id & (length - 1)] = thing
  }
}

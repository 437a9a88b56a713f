import type { Seeded } from '../../support/seed.ts'

/**
 * The draws that made one builder. Played again they make the same one; with one of them changed, one that differs from it in
 * one place, or in what follows from it.
 */
export class Tape {
  readonly #draws: number[]
  readonly #seeded: Seeded
  #at = 0

  constructor(seeded: Seeded, draws: readonly number[] = []) {
    this.#seeded = seeded
    this.#draws = [...draws]
  }

  /** A whole number below `n`. */
  int(n: number): number {
    if (this.#at === this.#draws.length) this.#draws.push(this.#seeded.int(2 ** 30))
    return (this.#draws[this.#at++] as number) % n
  }

  /** True once in `n` times. */
  once(n: number): boolean {
    return this.int(n) === 0
  }

  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)] as T
  }

  /** So many things, each drawn. */
  many<T>(count: number, draw: () => T): T[] {
    return Array.from({ length: count }, draw)
  }

  /** The same draws but for one. */
  mutant(): Tape {
    const draws = this.#draws.slice(0, this.#at)
    draws[this.#seeded.int(Math.max(draws.length, 1))] = this.#seeded.int(2 ** 30)
    return new Tape(this.#seeded, draws)
  }

  /** Exactly the same draws. */
  again(): Tape {
    return new Tape(this.#seeded, this.#draws.slice(0, this.#at))
  }
}

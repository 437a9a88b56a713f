import { Touched } from './touched.ts'

interface Frame {
  /** The savepoint's name; undefined for the transaction itself. */
  readonly name: string | undefined
  touched: Touched
}

/**
 * What one connection's open transaction has touched, savepoint by savepoint.
 *
 * A savepoint that is rolled back forgets what was touched since; one that is released hands it to its parent. Releasing
 * the outermost savepoint commits where that savepoint opened the transaction (SQLite).
 */
export class TransactionScope {
  #frames: Frame[] = []

  get isOpen(): boolean {
    return this.#frames.length > 0
  }

  begin(): void {
    if (!this.isOpen) this.#frames.push({ name: undefined, touched: new Touched() })
  }

  savepoint(name: string): void {
    this.#frames.push({ name, touched: new Touched() })
  }

  /** Records what a statement in the transaction touched. */
  touch(touched: Touched): void {
    this.#frames.at(-1)?.touched.add(touched)
  }

  /** Forgets what was touched since the savepoint; the savepoint itself stays. Returns what was forgotten. */
  rollbackTo(name: string): Touched {
    const index = this.#find(name)
    const forgotten = new Touched()
    if (index < 0) return forgotten
    for (const frame of this.#frames.splice(index + 1)) forgotten.add(frame.touched)
    const frame = this.#frames[index]
    if (frame !== undefined) {
      forgotten.add(frame.touched)
      frame.touched = new Touched()
    }
    return forgotten
  }

  /** Ends a savepoint. Returns what is committed by that: everything if it opened the transaction, else nothing. */
  release(name: string): Touched {
    const index = this.#find(name)
    const released = new Touched()
    if (index < 0) return released
    for (const frame of this.#frames.splice(index)) released.add(frame.touched)
    if (!this.isOpen) return released
    this.touch(released)
    return new Touched()
  }

  /** Whether releasing this savepoint ends the transaction, because the savepoint opened it. */
  isOutermost(name: string): boolean {
    return this.#find(name) === 0
  }

  /** Everything touched so far. */
  all(): Touched {
    const all = new Touched()
    for (const frame of this.#frames) all.add(frame.touched)
    return all
  }

  /** Ends the transaction and returns everything that it touched. */
  end(): Touched {
    const all = this.all()
    this.#frames = []
    return all
  }

  #find(name: string): number {
    return this.#frames.findLastIndex((frame) => frame.name === name)
  }
}

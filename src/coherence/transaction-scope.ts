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
  /** Everything touched so far, if somebody has asked and nothing has changed since. */
  #all: Touched | undefined

  get isOpen(): boolean {
    return this.#frames.length > 0
  }

  /** Whether nothing was touched so far. */
  get isEmpty(): boolean {
    for (const { touched } of this.#frames) if (!touched.isEmpty) return false
    return true
  }

  /** Whether tables, views, triggers or functions changed in it. */
  get changedSchema(): boolean {
    for (const { touched } of this.#frames) if (touched.schema) return true
    return false
  }

  begin(): void {
    if (!this.isOpen) this.#frames.push(newFrame(undefined))
  }

  savepoint(name: string): void {
    this.#frames.push(newFrame(name))
  }

  /** Records what a statement in the transaction touched. */
  touch(touched: Touched): void {
    if (touched.isEmpty) return
    this.#all = undefined
    this.#frames.at(-1)?.touched.add(touched)
  }

  /** Forgets what was touched since the savepoint; the savepoint itself stays. Returns what was forgotten. */
  rollbackTo(name: string): Touched {
    const index = this.#find(name)
    const forgotten = new Touched()
    if (index < 0) return forgotten
    this.#all = undefined
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
    this.#all = undefined
    for (const frame of this.#frames.splice(index)) released.add(frame.touched)
    if (!this.isOpen) return released
    this.touch(released)
    return new Touched()
  }

  /** Whether releasing this savepoint ends the transaction, because the savepoint opened it. */
  isOutermost(name: string): boolean {
    return this.#find(name) === 0
  }

  /** Everything touched so far: the same object as long as nothing changes. Add nothing to it. */
  all(): Touched {
    if (this.#all !== undefined) return this.#all
    const all = new Touched()
    for (const frame of this.#frames) all.add(frame.touched)
    this.#all = all
    return all
  }

  /** Ends the transaction and returns everything that it touched. */
  end(): Touched {
    const all = this.all()
    this.#frames = []
    this.#all = undefined
    return all
  }

  #find(name: string): number {
    return this.#frames.findLastIndex((frame) => frame.name === name)
  }
}

function newFrame(name: string | undefined): Frame {
  return { name, touched: new Touched() }
}

import type { Message } from '../../contract/bus.ts'
import type { SubmitMessage } from './buffer-messages.ts'

interface Life {
  peer: number
  /** Everything below was answered, and the worker knows it. */
  floor: number
  /** Answers by sequence number, from the floor on. */
  readonly answers: Map<number, Promise<Message>>
}

/**
 * Which writes of the workers have arrived, so that one that is sent again is not written again. Remembers only what a worker
 * may send again: writes whose answer it has not confirmed. What it confirmed is told by each of its messages.
 */
export class SeenWrites {
  readonly #lives = new Map<string, Life>()

  /** Runs a write the first time it arrives; later on answers as the first time. */
  once(
    peer: number,
    { incarnation, sequence, answeredBelow }: SubmitMessage,
    run: () => Promise<Message>,
  ): Promise<Message> {
    const life = this.#life(peer, incarnation)
    for (const old of life.answers.keys()) {
      if (old >= answeredBelow) break
      life.answers.delete(old)
    }
    life.floor = Math.max(life.floor, answeredBelow)
    const known = life.answers.get(sequence)
    if (known !== undefined) return known
    if (sequence < life.floor) {
      return Promise.reject(new Error(`Write ${String(sequence)} of this worker was answered.`))
    }
    const answer = run()
    life.answers.set(sequence, answer)
    return answer
  }

  /** The worker is dead: it sends nothing again. */
  forget(peer: number): void {
    for (const [incarnation, life] of this.#lives) {
      if (life.peer === peer) this.#lives.delete(incarnation)
    }
  }

  #life(peer: number, incarnation: string): Life {
    let life = this.#lives.get(incarnation)
    if (life === undefined) {
      life = { peer, floor: 1, answers: new Map() }
      this.#lives.set(incarnation, life)
    }
    life.peer = peer
    return life
  }
}

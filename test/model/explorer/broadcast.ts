import { Channel } from './channel.ts'
import type { SeenFrom } from './deployment.ts'
import type { Stage, Step } from './stage.ts'

/** Messages from each process to every other one, for flawed stores that need them. */
export class Broadcast {
  readonly #processes: readonly string[]
  readonly #lines = new Map<string, Channel<unknown>>()
  readonly #handlers = new Map<string, (message: unknown) => void>()

  constructor(stage: Stage, processes: readonly string[]) {
    this.#processes = processes
    for (const from of processes) {
      for (const to of processes) {
        if (from === to) continue
        const line = new Channel<unknown>(stage, `${from}'s word to ${to}`, (message) =>
          this.#handlers.get(to)?.(message),
        )
        this.#lines.set(`${from} ${to}`, line)
      }
    }
  }

  end(name: string): Pick<SeenFrom, 'broadcast' | 'onBroadcast'> {
    return {
      broadcast: (message) => {
        for (const to of this.#processes) this.#lines.get(`${name} ${to}`)?.send(message)
      },
      onBroadcast: (handler) => {
        this.#handlers.set(name, handler)
      },
    }
  }

  steps(): Step[] {
    return [...this.#lines.values()].flatMap((line) => line.steps())
  }
}

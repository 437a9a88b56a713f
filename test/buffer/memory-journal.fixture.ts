import type { Journal, JournalTurn } from '../../src/contract/journal.ts'

/** What a journal's directory would hold: outlives the journals opened on it. */
export class JournalDisk {
  readonly source: string
  readonly turns = new Map<string, JournalTurn[]>()
  readonly checkpoints = new Map<string, number>()
  /** Appends reject with it while it is set. */
  failure: Error | undefined
  /** Appends wait for it. */
  gate: Promise<void> = Promise.resolve()
  appends = 0

  constructor(source = 'test-source') {
    this.source = source
  }

  get isEmpty(): boolean {
    return this.turns.size === 0 && this.checkpoints.size === 0
  }

  open(): Journal {
    const { turns, checkpoints } = this
    return {
      source: this.source,
      append: async (lane, turn) => {
        this.appends += 1
        await this.gate
        if (this.failure !== undefined) throw this.failure
        const kept = turns.get(lane) ?? []
        const expected = (kept.at(-1)?.last ?? checkpoints.get(lane) ?? 0) + 1
        if (turn.first !== expected) {
          throw new Error(`turn ${String(turn.first)} does not follow ${String(expected - 1)}`)
        }
        kept.push({ ...turn, bytes: Uint8Array.from(turn.bytes) })
        turns.set(lane, kept)
      },
      read: (lane) => [...(turns.get(lane) ?? [])],
      lanes: () => [...new Set([...turns.keys(), ...checkpoints.keys()])],
      checkpoint: (lane) => checkpoints.get(lane) ?? 0,
      trim: (lane, position) => {
        checkpoints.set(lane, Math.max(position, checkpoints.get(lane) ?? 0))
        turns.set(
          lane,
          (turns.get(lane) ?? []).filter(({ last }) => last > position),
        )
        return Promise.resolve()
      },
      close: () => Promise.resolve(),
    }
  }
}

import type { ModelDatabase } from './database.ts'
import type { Deployment } from './deployment.ts'
import type { Player, Players } from './players.ts'
import type { Scenario } from './scenario.ts'
import type { Stage, Step } from './stage.ts'
import { settleDelayMs } from './subject.ts'

/** What {@link Accidents} happen to. */
export interface AccidentsParts {
  readonly scenario: Scenario
  readonly stage: Stage
  readonly database: ModelDatabase
  readonly deployment: Deployment
  readonly players: Players
  /** A process is dead that others may wait for. */
  onDeath(process: string): void
}

/** What may go wrong in a scenario, each kind once, and time, which may pass so often. */
export class Accidents {
  /** Processes that are dead. */
  readonly dead = new Set<string>()
  /** Processes that have lost their store and live on. */
  readonly disconnected = new Set<string>()
  readonly #parts: AccidentsParts
  #ticks: number
  readonly #left = { kill: 1, disconnect: 1, silence: 1, cut: 1, impatience: 1 }

  constructor(parts: AccidentsParts) {
    this.#parts = parts
    this.#ticks = parts.scenario.ticks ?? 0
  }

  steps(): Step[] {
    const { stage } = this.#parts
    return [
      ...stage.mishaps,
      ...this.#timers(),
      ...this.#processes(),
      ...this.#parts.players.all.flatMap((player) => this.#connections(player)),
    ]
  }

  /** How much is left of what may happen. */
  get left(): string {
    return JSON.stringify([this.#ticks, this.#left])
  }

  #timers(): Step[] {
    const { stage, database } = this.#parts
    // Settle delays outlast what may still land.
    const mayPass = stage.nextTimerMs < database.doubtSince + settleDelayMs
    if (this.#ticks === 0 || !mayPass) return []
    return stage.timers().map(({ label, take }) => ({
      label,
      take: () => {
        this.#ticks--
        stage.trace.changes('ticks')
        take()
      },
    }))
  }

  #processes(): Step[] {
    const { scenario, deployment } = this.#parts
    const { kill, disconnect, silence } = deployment
    const steps: Step[] = []
    const add = (
      fault: 'kill' | 'disconnect' | 'silence',
      processes: readonly string[] | undefined,
      what: string,
      strike: (process: string) => void,
    ): void => {
      if (this.#left[fault] === 0) return
      for (const process of processes ?? []) {
        if (!this.#isBusy(process)) continue
        const take = (): void => {
          // Whether it is busy decides whether this is possible.
          this.#isBusy(process)
          this.#spend(fault)
          strike(process)
        }
        steps.push({ label: `${process} ${what}`, take })
      }
    }
    if (kill !== undefined) {
      add('kill', scenario.kills, 'is killed', (process) => this.#kill(process, kill))
    }
    if (disconnect !== undefined) {
      add('disconnect', scenario.disconnects, 'is disconnected', (process) => {
        this.disconnected.add(process)
        disconnect(process)
      })
    }
    if (silence !== undefined) {
      add('silence', scenario.silences, 'hears no more of the primary', (process) => {
        this.disconnected.add(process)
        silence(process)
      })
    }
    return steps
  }

  #connections({ actor, connection }: Player): Step[] {
    const { scenario } = this.#parts
    if (connection?.isBusy !== true || connection.isCut) return []
    const steps: Step[] = []
    if (this.#left.cut > 0 && scenario.cuts?.includes(actor.name) === true) {
      const cut = (): void => {
        this.#spend('cut')
        connection.cut()
      }
      steps.push({ label: `${actor.name} loses its connection`, take: cut })
    }
    if (this.#left.impatience > 0 && scenario.impatient?.includes(actor.name) === true) {
      const giveUp = (): void => {
        this.#spend('impatience')
        connection.giveUp()
      }
      steps.push({ label: `${actor.name} waits no longer`, take: giveUp })
    }
    return steps
  }

  /** Whether the process is in the middle of something. */
  #isBusy(process: string): boolean {
    const { stage, database, deployment, players } = this.#parts
    if (this.dead.has(process) || this.disconnected.has(process)) return false
    const own = players.of(process)
    for (const { actor } of own) stage.trace.looksAt(`actor ${actor.name}`)
    return (
      deployment.isTravelling(process) ||
      own.some(({ state }) => state === 'busy') ||
      database.isBusyFor(process)
    )
  }

  #spend(fault: 'kill' | 'disconnect' | 'silence' | 'cut' | 'impatience'): void {
    this.#parts.stage.trace.changes(fault)
    this.#left[fault]--
  }

  #kill(process: string, kill: (process: string) => void): void {
    const { stage, database, deployment, players, onDeath } = this.#parts
    this.dead.add(process)
    players.died(process)
    database.ownerDied(process)
    stage.ownerDied(process)
    kill(process)
    for (const name of deployment.dependants?.(process) ?? []) this.disconnected.add(name)
    onDeath(process)
  }
}

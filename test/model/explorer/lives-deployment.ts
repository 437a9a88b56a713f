import type { MarkerFiles } from '../../../src/coherence/marker-files.ts'
import { settlePreviousLives } from '../../../src/coherence/previous-life.ts'
import { WriteMarker } from '../../../src/coherence/write-marker.ts'
import type { Deployment, DeploymentParts, Place } from './deployment.ts'
import { heapStore } from './memory-deployment.ts'
import { settleDelayMs } from './subject.ts'
import type { Stage } from './stage.ts'
import { tags } from './tag-slots.ts'

/** The temporary directory of a machine: what a process wrote is there when it is dead. Writing takes a step of its own. */
class ModelMarkers {
  readonly #stage: Stage
  /** Whose markers lie there. */
  readonly #markers = new Set<string>()
  readonly #dead = new Set<string>()

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** The directory as a process uses it. */
  of(process: string): MarkerFiles {
    const { trace } = this.#stage
    return {
      write: async () => {
        await this.#stage.gate(`${process}: its marker is written`, process)
        trace.changes('markers')
        this.#markers.add(process)
      },
      remove: async () => {
        trace.changes('markers')
        this.#markers.delete(process)
      },
      leave: async () => undefined,
      dead: async () => {
        trace.looksAt('markers')
        return [...this.#markers].filter((name) => this.#dead.has(name))
      },
      ofDeadWorkers: async () => [],
      forget: async (markers) => {
        trace.changes('markers')
        for (const marker of markers) this.#markers.delete(marker)
      },
    }
  }

  died(process: string): void {
    this.#stage.trace.changes('markers')
    this.#dead.add(process)
  }
}

/** One process after another on one machine, each with a memory store: the second opens when the first has been killed. */
export async function openLives(parts: DeploymentParts): Promise<Deployment> {
  const { stage, processes, flaws } = parts
  const markers = new ModelMarkers(stage)
  const places = new Map<string, Place>()
  for (const [at, name] of processes.entries()) {
    const clock = stage.clockOf(name)
    const files = markers.of(name)
    const onFailure = (): void => undefined
    const watch = new WriteMarker({ files, database: 'db', clock, settleDelayMs, onFailure })
    const store = heapStore(parts, name, `store of ${name}`)
    const process = processes[at - 1]
    const prepare = async (): Promise<void> => {
      if (flaws.forgetsThePast === true) return
      const { authority } = store
      const past = { files, database: 'db', authority, tags, clock, settleDelayMs, onFailure }
      await settlePreviousLives(past)
    }
    places.set(name, {
      name,
      clock,
      store,
      watch: flaws.watch?.(watch) ?? watch,
      ...(process === undefined ? {} : { succeeds: { process, prepare } }),
    })
  }
  return {
    places,
    steps: () => [],
    isTravelling: () => false,
    kill: (process) => markers.died(process),
  }
}

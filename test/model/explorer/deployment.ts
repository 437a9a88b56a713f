import type { Clock } from '../../../src/base/clock.ts'
import type { WriteWatch } from '../../../src/coherence/write-marker.ts'
import type { Codec } from '../../../src/contract/codec.ts'
import type { Slot } from '../../../src/contract/authority.ts'
import type { Store } from '../../../src/contract/store.ts'
import type { OwnedStore } from '../../../src/stores/cluster/owned-store.ts'
import type { MemoryStore } from '../../../src/stores/memory/memory-store.ts'
import type { Stage, Step } from './stage.ts'

/** A process, as far as the store is concerned. */
export interface Place {
  readonly name: string
  readonly store: Store
  readonly clock: Clock
  /** Told of the process's writes. */
  readonly watch?: WriteWatch
  /** It begins when this process is dead, and has to do something first. */
  readonly succeeds?: { readonly process: string; prepare(): Promise<void> }
}

/** Parts of a deployment that a flawed one replaces; all absent in the real one. */
export interface StoreFlaws {
  /** Changes the real store of a heap before anybody sees it. */
  readonly heap?: (store: MemoryStore, stage: Stage) => void
  /** The store that the authority is in, where there is one heap for it. What it does in steps of its own changes `store` in the trace. */
  readonly owned?: (store: OwnedStore, stage: Stage) => OwnedStore
  /** The store as one process sees it. What it remembers itself it notes in the trace. */
  readonly seen?: (store: Store, place: SeenFrom) => Store
  /** What a process's writes are told to. */
  readonly watch?: (watch: WriteWatch) => WriteWatch
  /** A process does not ask what its predecessor left. */
  readonly forgetsThePast?: boolean
  /** How long a worker waits for an answer. */
  readonly answerTimeoutMs?: number
  /** A worker that loses its line is taken for dead. */
  readonly disconnectIsExit?: boolean
  /** Lives of an authority cannot be told apart. */
  readonly oneEpoch?: boolean
  /** It remembers more than keys and slots, so that no two of its calls can change places. */
  readonly coarse?: boolean
}

/** From where a store is seen, and what a flawed one may say to its other ends. */
export interface SeenFrom {
  readonly name: string
  readonly stage: Stage
  readonly clock: Clock
  readonly codec: Codec
  /** A message to all other processes; each hears it in a step of its own. */
  broadcast(message: unknown): void
  onBroadcast(handler: (message: unknown) => void): void
}

/** What a deployment is made with. */
export interface DeploymentParts {
  readonly stage: Stage
  readonly processes: readonly string[]
  readonly codec: Codec
  readonly slotCount: number
  /** The slot that every mark watches. */
  readonly schemaSlot: Slot
  readonly flaws: StoreFlaws
}

/**
 * One way of sharing a store among processes, with everything about it that can happen sooner or later as a step.
 *
 * To put another authority under the explorer, implement this. What travels, or waits for somebody, is a step; nothing may wait for
 * anything but promises, the stage's clocks and steps, so a server is played by an object whose answers are steps. What is read or changed
 * in common is noted in the stage's trace, as one resource where finer ones are too much to ask; `exploreAll` with `checked` finds out
 * what was forgotten.
 */
export interface Deployment {
  /** By the scenario's name for the process; several names may be one process. */
  readonly places: ReadonlyMap<string, Place>
  /** Its entries may go although nothing touched them. */
  readonly isForgetful?: boolean
  /** What may happen next between the processes. */
  steps(): Step[]
  /** Whether something that the process sent, or that was sent to it, is still on its way. */
  isTravelling(process: string): boolean
  /** The process is killed: nothing of it runs any more. Absent where it would take everything along. */
  kill?(process: string): void
  /** The process loses its line to the others and lives on. */
  disconnect?(process: string): void
  /** The process's line falls silent: it is not told, and nothing comes through any more. */
  silence?(process: string): void
  /** Processes that lose their store with this one. */
  dependants?(process: string): readonly string[]
  /** The process exits after it was disconnected, or its line fell silent. */
  exit?(process: string): void
}

/** Makes a deployment; resolves when its processes can begin to work. */
export type OpenDeployment = (parts: DeploymentParts) => Promise<Deployment>

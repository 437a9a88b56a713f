import { createValueCodec } from '../../../src/codec/value-codec.ts'
import type { OpenDeployment } from './deployment.ts'
import type { Violation } from './oracle.ts'
import type { Scenario } from './scenario.ts'
import type { Step } from './stage.ts'
import { StateGraph } from './state-graph.ts'
import { areIndependent } from './trace.ts'
import type { Uses } from './trace.ts'
import { Turns } from './turns.ts'
import { World } from './world.ts'
import type { ReadCounts } from './verdict.ts'
import type { Flaws } from './world.ts'

/** What is explored. */
export interface Exploration {
  readonly scenario: Scenario
  readonly open: OpenDeployment
  readonly flaws?: Flaws
  /** Every read is held to what the database held while it ran; only for protocols that are meant to be sound. See `Oracle`. */
  readonly exact?: boolean
}

/** A history that broke a guarantee, with the steps that lead to it. */
export interface Finding extends Violation {
  readonly steps: readonly string[]
}

/** What an exploration found. */
export interface Report {
  /** Histories that were run, each from its first step. */
  readonly histories: number
  /** Of those the ones that were run to their end; the others met one that had been. */
  readonly complete: number
  /** Different states. */
  readonly states: number
  /** In how many orders the steps of these histories can be taken. */
  readonly interleavings: number
  /** Whether everything within the scenario's bounds was seen. */
  readonly exhaustive: boolean
  readonly counts: ReadCounts
  readonly finding: Finding | undefined
}

/** How to explore. */
export interface ExploreOptions {
  readonly maxHistories?: number
  /**
   * `full` unless given. `checked`: steps that need not be taken are taken all the same, and it throws if one does not lead to the state that
   * was foretold. `none`: every order of steps is run to its end.
   */
  readonly reduction?: 'full' | 'checked' | 'none'
  /** Sees each state whenever it is reached. */
  readonly visit?: (world: World) => void
}

/** A state on the way to the current one, with what was tried there. */
interface Level {
  readonly key: number
  readonly labels: readonly string[]
  /** Steps whose states have been explored by another way, with what they use. */
  readonly known: ReadonlyMap<string, Uses>
  /** What the steps used that have been tried. */
  readonly tried: Map<string, Uses>
  choice: number
}

/**
 * Goes through every order of steps. A history cannot be taken back, so each is run from its beginning by the choices that led to
 * it, goes on with the first choice wherever there is a new one, and ends where everything has been tried.
 *
 * Two reductions, both by what `Trace` knows. A state that was reached before is left at once. And where steps a and b can change
 * places and everything after a has been tried, then b is tried, but not a right after it: ab and ba are one state (sleep sets). In each
 * state every step is tried unless it leads to an explored one, so no state is missed.
 */
export async function exploreAll(
  exploration: Exploration,
  options: ExploreOptions = {},
): Promise<Report> {
  const { maxHistories = Infinity, reduction = 'full', visit } = options
  const turns = new Turns()
  const codec = createValueCodec()
  const graph = new StateGraph()
  const levels: Level[] = []
  const counts: ReadCounts = { reads: 0, hits: 0 }
  let histories = 0
  let complete = 0
  let finding: Finding | undefined

  /** Moves on to the next choice that has to be tried; false if there is none. */
  const nextChoice = (level: Level): boolean => {
    do level.choice++
    while (reduction === 'full' && level.known.has(level.labels[level.choice] ?? ''))
    return level.choice < level.labels.length
  }

  do {
    histories++
    const { scenario, open, flaws = {}, exact = false } = exploration
    const world = await World.open({ scenario, open, flaws, exact, turns, codec, traced: true })
    const { trace } = world.stage
    const taken: string[] = []
    for (const level of levels.slice(0, -1)) await take(world, world.steps(), level, taken)
    let steps = world.steps()
    for (let level = levels.at(-1); ;) {
      if (level !== undefined) {
        const label = await take(world, steps, level, taken)
        level.tried.set(label, trace.lastUses)
        graph.leads(level.key, label, trace.key)
        if (world.violation !== undefined) break
      }
      const { key } = trace
      visit?.(world)
      if (reduction !== 'none' && graph.has(key)) break
      graph.reached(key)
      steps = world.steps()
      const labels = steps.map(({ label }) => label)
      if (labels.length === 0) {
        await world.finish()
        complete++
        break
      }
      const known = knownAfter(level, labels)
      for (const label of known.keys()) {
        graph.leadsLike(key, label, level!.key, level!.labels[level!.choice]!)
      }
      level = { key, labels, known, tried: new Map(), choice: -1 }
      levels.push(level)
      if (!nextChoice(level)) break
    }
    counts.reads += world.counts.reads
    counts.hits += world.counts.hits
    if (world.violation !== undefined) finding = { ...world.violation, steps: taken }
    while (levels.length > 0 && !nextChoice(levels.at(-1)!)) levels.pop()
  } while (levels.length > 0 && finding === undefined && histories < maxHistories)

  return {
    histories,
    complete,
    states: graph.size,
    interleavings: graph.interleavings(),
    exhaustive: levels.length === 0 && finding === undefined,
    counts,
    finding,
  }
}

/** Takes the level's current choice. Returns its label. */
async function take(
  world: World,
  steps: readonly Step[],
  level: Level,
  taken: string[],
): Promise<string> {
  const step = steps[level.choice]
  const label = level.labels[level.choice]
  if (step === undefined || step.label !== label) {
    throw new Error(`A history does not repeat itself: '${String(label)}'.`)
  }
  taken.push(label)
  await world.take(step)
  return label
}

/** Which steps lead to explored states after the current choice of a level. */
function knownAfter(level: Level | undefined, labels: readonly string[]): Map<string, Uses> {
  if (new Set(labels).size < labels.length) throw new Error('Two steps have one name.')
  const after = new Map<string, Uses>()
  if (level === undefined) return after
  const taken = level.labels[level.choice]!
  const uses = level.tried.get(taken)!
  for (const list of [level.known, level.tried]) {
    for (const [label, others] of list) {
      if (label !== taken && areIndependent(uses, others)) after.set(label, others)
    }
  }
  return after
}

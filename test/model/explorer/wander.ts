import { createValueCodec } from '../../../src/codec/value-codec.ts'
import type { Seeded } from '../../support/seed.ts'
import type { OpenDeployment } from './deployment.ts'
import type { Exploration, Finding } from './explore.ts'
import { randomScenario } from './random-scenario.ts'
import type { Step } from './stage.ts'
import { Turns } from './turns.ts'
import { World } from './world.ts'
import type { ReadCounts } from './verdict.ts'
import type { Flaws } from './world.ts'

/** What is wandered through. */
export interface Wandering {
  readonly open: OpenDeployment
  readonly processes: readonly string[]
  readonly flaws?: Flaws
  readonly exact?: boolean
}

/** What was found on the way. */
export interface WanderReport {
  readonly histories: number
  readonly steps: number
  readonly counts: ReadCounts
  readonly finding: Finding | undefined
}

/** How many steps go as planned for one accident, where one is possible. */
const accidentEvery = 25

/** Runs large scenarios, each made by chance and taken through by chance, until one breaks a guarantee. */
export async function wander(
  wandering: Wandering,
  histories: number,
  random: Seeded,
): Promise<WanderReport> {
  const { processes, ...rest } = wandering
  return await roam(
    () => ({ ...rest, scenario: randomScenario(processes, random) }),
    histories,
    accidentEvery,
    random,
  )
}

/** Runs histories of one scenario, each taken through by chance, until one breaks a guarantee. */
export async function sample(
  exploration: Exploration,
  histories: number,
  random: Seeded,
): Promise<WanderReport> {
  return await roam(() => exploration, histories, 5, random)
}

async function roam(
  next: () => Exploration,
  histories: number,
  accidents: number,
  random: Seeded,
): Promise<WanderReport> {
  const turns = new Turns()
  const codec = createValueCodec()
  const counts: ReadCounts = { reads: 0, hits: 0 }
  let total = 0
  for (let at = 1; at <= histories; at++) {
    const { scenario, open, flaws = {}, exact = false } = next()
    const world = await World.open({ scenario, open, flaws, exact, turns, codec, traced: false })
    const steps: string[] = []
    for (;;) {
      const step = choose(world, accidents, random)
      if (step === undefined) break
      steps.push(step.label)
      await world.take(step)
    }
    if (world.violation === undefined) await world.finish()
    counts.reads += world.counts.reads
    counts.hits += world.counts.hits
    total += steps.length
    if (world.violation !== undefined) {
      const finding = { ...world.violation, steps }
      return { histories: at, steps: total, counts, finding }
    }
  }
  return { histories, steps: total, counts, finding: undefined }
}

/** What happens next; undefined at the end, and once a guarantee is broken. */
function choose(world: World, accidentEvery: number, random: Seeded): Step | undefined {
  if (world.violation !== undefined) return undefined
  const { progress, accidents } = world.choices()
  if (progress.length > 0) {
    const goesWrong = accidents.length > 0 && random.int(accidentEvery) === 0
    return random.pick(goesWrong ? accidents : progress)
  }
  // An accident after everything else may as well not happen.
  return accidents.length > 0 && random.int(2) === 0 ? random.pick(accidents) : undefined
}

import { afterAll, describe, expect, test } from 'vitest'
import { seeded } from '../support/seed.ts'
import { openCluster, primary } from './explorer/cluster-deployment.ts'
import { clusterScenarios } from './explorer/cluster-scenarios.ts'
import type { OpenDeployment } from './explorer/deployment.ts'
import { exploreAll } from './explorer/explore.ts'
import type { Exploration, Report } from './explorer/explore.ts'
import { lifeScenarios } from './explorer/life-scenarios.ts'
import { openLives } from './explorer/lives-deployment.ts'
import { openMemory, openRestartingMemory } from './explorer/memory-deployment.ts'
import { harmless, mutants } from './explorer/mutants/all.ts'
import type { Mutant } from './explorer/mutants/all.ts'
import { forgetsEntries } from './explorer/mutants/counter-store.ts'
import type { Scenario } from './explorer/scenario.ts'
import { scenarios } from './explorer/scenarios.ts'
import { sample, wander } from './explorer/wander.ts'
import type { World } from './explorer/world.ts'

const long = process.env['MILLRACE_LONG'] === '1'
const timeout = long ? 3_600_000 : 120_000

/** How many histories of one scenario are run one after the other, and how many by chance where those were not all. */
interface Bounds {
  readonly inOrder: number
  readonly byChance: number
}

interface Stage {
  readonly open: OpenDeployment
  readonly scenarios: readonly Scenario[]
  readonly bounds: Bounds
}

const deployments: Readonly<Record<string, Stage>> = {
  memory: {
    open: openMemory,
    scenarios,
    bounds: long ? { inOrder: 100_000, byChance: 5000 } : { inOrder: 300, byChance: 30 },
  },
  'memory that loses its state': {
    open: openRestartingMemory,
    scenarios: long ? scenarios : scenarios.slice(0, 6),
    bounds: long ? { inOrder: 50_000, byChance: 5000 } : { inOrder: 100, byChance: 30 },
  },
  'one process after another': {
    open: openLives,
    scenarios: lifeScenarios,
    bounds: long ? { inOrder: 50_000, byChance: 5000 } : { inOrder: 600, byChance: 0 },
  },
  cluster: {
    open: openCluster,
    scenarios: [...scenarios, ...clusterScenarios],
    bounds: long ? { inOrder: 60_000, byChance: 5000 } : { inOrder: 60, byChance: 20 },
  },
}

/** One line for each exploration, printed together. */
function logbook(title: string): (line: string) => void {
  const lines: string[] = []
  afterAll(() => {
    if (lines.length > 0) console.log([title, ...lines].join('\n  '))
  })
  return (line) => void lines.push(line)
}

function summary({ histories, states, interleavings, exhaustive }: Report): string {
  const orders = exhaustive
    ? `all ${interleavings.toLocaleString('en')} orders of steps`
    : 'the first'
  return `${histories} histories, ${states} states (${orders})`
}

/** What a scenario is held to. */
function promises({ keeps }: Scenario): string {
  return keeps === undefined ? 'G1, G2, G3, G4, G7' : 'G1, G2, G3, G4, G6, G7'
}

describe.each(Object.entries(deployments))('%s: interleavings', (kind, stage) => {
  const log = logbook(`${kind}: histories of the real code, no violation`)
  test.each(
    stage.scenarios.map((scenario) => [promises(scenario), scenario.name, scenario] as const),
  )(
    '%s: %s',
    async (_promises, name, scenario) => {
      const exploration = { scenario, open: stage.open, exact: true }
      const report = await exploreAll(exploration, { maxHistories: stage.bounds.inOrder })
      expect(report.finding).toBeUndefined()
      let line = `${name}: ${summary(report)}`
      if (!report.exhaustive && stage.bounds.byChance > 0) {
        const random = seeded(`${kind}: ${name}`)
        const chosen = await sample(exploration, stage.bounds.byChance, random)
        expect(chosen.finding).toBeUndefined()
        line += `, ${chosen.histories} by chance`
      }
      log(line)
    },
    timeout,
  )
})

describe('by chance: many writers, many readers, accidents of all kinds', () => {
  const histories = long ? 20_000 : 120
  test.each([
    ['memory', openMemory, ['app'], histories],
    ['memory that loses its state', openRestartingMemory, ['app'], histories / 3],
    ['cluster', openCluster, [primary, 'a', 'b'], histories / 2],
  ] as const)(
    'G1, G2, G3, G4, G7: %s',
    async (kind, open, processes, count) => {
      const random = seeded(`${kind}: many writers, many readers`)
      const report = await wander({ open, processes, exact: true }, Math.floor(count), random)
      expect(report.finding).toBeUndefined()
      // A cache that never answers breaks no promise.
      expect(report.counts.hits).toBeGreaterThan(report.counts.reads / 50)
      const { histories: ran, steps, counts } = report
      console.log(
        `${kind}: ${ran} histories, ${steps} steps, ${counts.hits} hits of ${counts.reads}`,
      )
    },
    timeout,
  )
})

describe('mutants of the protocol', () => {
  const log = logbook('mutants: found as, by, after how many histories')
  const openers = {
    memory: openMemory,
    restarting: openRestartingMemory,
    cluster: openCluster,
    lives: openLives,
  }
  const all = [...scenarios, ...clusterScenarios, ...lifeScenarios]
  const explorationOf = ({ flaws, deployment, foundBy }: Mutant): Exploration => {
    const scenario = all.find(({ name }) => name === foundBy)
    if (scenario === undefined) throw new Error(`There is no scenario '${foundBy}'.`)
    return { scenario, open: openers[deployment], flaws }
  }

  test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    'G1, G2, G3, G4, G7: found out when %s',
    async (name, mutant) => {
      const report = await exploreAll(explorationOf(mutant), { maxHistories: 4000 })
      expect(report.finding?.guarantee).toMatch(/^G[12347]$/)
      const { finding, histories } = report
      const where = `${mutant.deployment}: ${mutant.foundBy}`
      log(`${name}: ${finding?.guarantee ?? ''}, ${where}, ${histories}`)
    },
    timeout,
  )

  test.each(harmless.map((change) => [change.name, change] as const))(
    'nothing is broken when %s',
    async (_name, change) => {
      const report = await exploreAll(explorationOf(change))
      expect(report.finding).toBeUndefined()
      expect(report.exhaustive).toBe(true)
    },
    timeout,
  )

  test(
    'the store that a mutant is made of is sound without the flaw',
    async () => {
      const flaws = { store: forgetsEntries }
      for (const scenario of scenarios.slice(0, 3)) {
        const exploration = { scenario, open: openMemory, flaws, exact: true }
        const report = await exploreAll(exploration, { maxHistories: long ? 100_000 : 200 })
        expect(report.finding).toBeUndefined()
      }
    },
    timeout,
  )
})

describe('the explorer itself', () => {
  const small = scenarios.filter(({ name }) =>
    ['a write, two reads one after the other', 'a write, two reads at a time'].includes(name),
  )

  test.each(small.map((scenario) => [scenario.name, scenario] as const))(
    'a reduced search sees every state, and counts every order: %s',
    async (_name, scenario) => {
      const states = async (reduction: 'full' | 'none'): Promise<[Report, Set<string>]> => {
        const seen = new Set<string>()
        const visit = (world: World): void => void seen.add(world.fingerprint())
        const exploration = { scenario, open: openMemory, exact: true }
        return [await exploreAll(exploration, { reduction, visit }), seen]
      }
      const [reduced, some] = await states('full')
      const [complete, every] = await states('none')
      expect(some).toEqual(every)
      expect(reduced.interleavings).toBe(complete.complete)
      expect(reduced.states).toBe(complete.states)
      expect(reduced.histories).toBeLessThan(complete.histories)
    },
    timeout,
  )

  test.each(Object.entries(deployments))(
    'states of one fingerprint look alike, and independent steps change places: %s',
    async (_kind, { open, scenarios: list }) => {
      for (const scenario of list) {
        const looks = new Map<number, string>()
        let met = 0
        const visit = (world: World): void => {
          const { key } = world.stage.trace
          const look = world.fingerprint()
          const before = looks.get(key)
          if (before === undefined) looks.set(key, look)
          else {
            met++
            expect(look).toBe(before)
          }
        }
        const maxHistories = long ? 20_000 : 15
        await exploreAll(
          { scenario, open, exact: true },
          { reduction: 'checked', visit, maxHistories },
        )
        expect(met).toBeGreaterThan(0)
      }
    },
    timeout,
  )
})

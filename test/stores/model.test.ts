import { describe, expect, test } from 'vitest'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import type { Store } from '../../src/contract/store.ts'
import { ClusterHub } from '../../src/stores/cluster/cluster-hub.ts'
import { openClusterStore } from '../../src/stores/cluster/cluster-store.ts'
import { openClusterBus } from '../../src/stores/cluster/open-cluster-bus.ts'
import { serveStore } from '../../src/stores/cluster/serve-store.ts'
import { createMemoryStore } from '../../src/stores/memory/memory-store.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { seeded } from '../support/seed.ts'
import { LocalCluster } from './cluster/channel-pair.ts'
import { runModel } from './model.ts'
import { Scheduler } from './model-scheduler.ts'
import type { Verdict } from './model.ts'
import { mutants } from './mutants.ts'
import type { Mutant } from './mutants.ts'

const codec = createValueCodec()
const bounds = { maxEntries: 8, maxBytes: 1e6, maxKeysByTable: new Map<string, number>() }
const identity = 'model'
const asItIs: Mutant = (store) => store

async function memoryModel(name: string, rounds: number, mutant: Mutant): Promise<Verdict> {
  const random = seeded(name)
  const clock = new FakeClock()
  const scheduler = new Scheduler(random)
  const store = mutant(createMemoryStore({ bounds, clock, slotCount: 16 }))
  return runModel({ ends: [store], codec, clock, scheduler, random }, rounds)
}

async function clusterModel(name: string, rounds: number, mutant: Mutant): Promise<Verdict> {
  const random = seeded(name)
  const clock = new FakeClock()
  const scheduler = new Scheduler(random)
  const { carry } = scheduler
  const cluster = new LocalCluster(carry)
  const store = createMemoryStore({ bounds, clock, slotCount: 16 })
  const hub = new ClusterHub({ channel: cluster.primary(), identity, defer: carry })
  serveStore(hub, store, codec)
  hub.listen()
  const ends: Store[] = [mutant(store)]
  const join = async (): Promise<void> => {
    const { channel } = cluster.worker()
    const options = { channel, identity, clock, helloTimeoutMs: 1e9, defer: carry }
    const bus = await openClusterBus(options)
    ends.push(mutant(await openClusterStore({ bus, codec, clock, answerTimeoutMs: 1e9 })))
  }
  await scheduler.run([join(), join()])
  return runModel({ ends, codec, clock, scheduler, random }, rounds)
}

const flawless = { g1: 0, g2: 0, g3: 0, g4: 0 }

describe.each([
  ['memory', memoryModel, 6000, 1500],
  ['cluster', clusterModel, 4000, 1200],
] as const)('%s: random interleavings', (kind, model, rounds, mutantRounds) => {
  test('G1, G2, G3, G4 hold', async () => {
    const verdict = await model(`${kind} model`, rounds, asItIs)
    console.log(JSON.stringify(verdict))
    expect(verdict).toMatchObject(flawless)
    expect(verdict.hits).toBeGreaterThan(verdict.reads / 10)
    expect(verdict.refused).toBeGreaterThan(0)
    expect(verdict.kept).toBeGreaterThan(0)
    const { absent, invalidated, refresh } = verdict.misses
    expect(Math.min(absent, invalidated, refresh)).toBeGreaterThan(0)
  })

  test.each(Object.entries(mutants))('%s is found out', async (name, mutant) => {
    let violations = 0
    // Each try finds the rarest of them about every sixth time: a hundred leave nothing to chance.
    for (let i = 0; i < 100 && violations === 0; i++) {
      const { g1, g2, g3, g4 } = await model(`${kind} ${name} ${String(i)}`, mutantRounds, mutant)
      violations = g1 + g2 + g3 + g4
    }
    expect(violations).toBeGreaterThan(0)
  })
})

import { alternatives } from './conformance/alternatives.ts'
import { flights } from './conformance/flights.ts'
import { keeping } from './conformance/keeping.ts'
import { outcomes } from './conformance/outcomes.ts'
import { scenarios } from './conformance/rig.ts'
import type { ConformanceRunner, MakeRig } from './conformance/rig.ts'
import { rowImages } from './conformance/row-images.ts'
import { validity } from './conformance/validity.ts'

export type { ConformanceRunner, MakeRig, RigOptions, StoreRig } from './conformance/rig.ts'

/**
 * What every store must do, as tests: run it on a store of your own. `title` stands in front of each test's name; `makeRig` makes an
 * empty store that takes its time from the given clock; `runner` is vitest, node:test or anything with their `test(name, run)`.
 */
export function storeConformance(title: string, makeRig: MakeRig, runner: ConformanceRunner): void {
  const scenario = scenarios(title, makeRig, runner)
  validity(scenario)
  alternatives(scenario)
  rowImages(scenario)
  outcomes(scenario)
  flights(scenario)
  keeping(scenario)
}

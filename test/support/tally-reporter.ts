import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Reporter, TestModule, TestSpecification } from 'vitest/node'

/** The counts of a run so far. */
export interface Tally {
  /** False until the last test has ended: a run that is killed leaves it so. */
  readonly complete: boolean
  readonly passed: number
  /** Tests, and files that failed without a failed test, because they could not be loaded for example. */
  readonly failed: number
  /** Files whose tests have not all ended, by their paths. */
  readonly unfinished: readonly string[]
}

/** Keeps the counts of the run in a file, always up to date, for those who start it and may have to end it. */
export class TallyReporter implements Reporter {
  readonly #path: string
  readonly #unfinished = new Set<string>()
  #passed = 0
  #failed = 0

  constructor(path: string) {
    this.#path = path
  }

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    for (const { moduleId } of specifications) this.#unfinished.add(moduleId)
    this.#write(false)
  }

  onTestModuleEnd(module: TestModule): void {
    this.#count(module)
    this.#write(false)
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // All over again: tests of types are not told one by one.
    this.#passed = 0
    this.#failed = 0
    for (const module of modules) this.#count(module)
    this.#write(true)
  }

  #count(module: TestModule): void {
    const state = module.state()
    // As it stays if the process of its tests has died.
    if (state === 'queued' || state === 'pending') return
    this.#unfinished.delete(module.moduleId)
    const states = Array.from(module.children.allTests(), (test) => test.result().state)
    const failed = states.filter((each) => each === 'failed').length
    this.#passed += states.filter((each) => each === 'passed').length
    this.#failed += failed === 0 && state === 'failed' ? 1 : failed
  }

  #write(complete: boolean): void {
    const tally: Tally = {
      complete,
      passed: this.#passed,
      failed: this.#failed,
      unfinished: [...this.#unfinished],
    }
    mkdirSync(dirname(this.#path), { recursive: true })
    const partial = `${this.#path}.partial`
    writeFileSync(partial, JSON.stringify(tally))
    renameSync(partial, this.#path)
  }
}

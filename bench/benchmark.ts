import type { BenchDatabaseName } from './database.ts'
import type { Goal } from './goal.ts'

/** How a benchmark is run. */
export interface BenchSetting {
  /** To see that it runs, in seconds; its figures are not for quoting. */
  readonly quick: boolean
  /** The databases that may be used; benchmarks that need a certain one take it nevertheless. */
  readonly databases: readonly BenchDatabaseName[]
  /** Tells where a long run is. */
  progress(text: string): void
}

/** What a benchmark found. */
export interface BenchOutcome {
  /** For people, with a table. */
  readonly text: string
  /** How it was measured, for the file with the results. */
  readonly options: object
  readonly results: unknown
  /** Versions of what was measured beside the packages that the library itself is developed with. */
  readonly versions?: Readonly<Record<string, string>>
  /** What the project has set itself, as far as this benchmark measures it. */
  readonly goals?: readonly Goal[]
  /** Files beside the results, by what their names end in: `chart.svg`. */
  readonly files?: Readonly<Record<string, string>>
}

/** Measures something. */
export type Benchmark = (setting: BenchSetting) => Promise<BenchOutcome>

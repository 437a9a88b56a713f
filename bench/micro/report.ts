import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Ratio, RoundOptions, Timing } from './paired-rounds.ts'

/** One contender's line. */
export interface TableRow extends Timing {
  /** How many times as fast as the first line, round by round. */
  readonly speedup: Ratio
}

/** The answers to one question. */
export interface BenchmarkResult {
  readonly title: string
  /** How many different values were asked for in turn. */
  readonly values: number
  readonly rows: readonly TableRow[]
}

/** Prints results as tables: microseconds per call, and how many times as fast as the first line. */
export function printResults(results: readonly BenchmarkResult[]): void {
  for (const { title, rows } of results) {
    console.log(`\n${title}`)
    console.log(`${''.padEnd(28)}${'p50 us'.padStart(10)}${'p99 us'.padStart(10)}   times as fast`)
    for (const { name, p50, p99, speedup } of rows) {
      const { median, low, high } = speedup
      const range = `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
      console.log(`${name.padEnd(28)}${micros(p50)}${micros(p99)}   ${range}`)
    }
  }
}

/** Writes results with everything needed to judge them, and returns the file's name. */
export async function saveResults(
  name: string,
  results: readonly BenchmarkResult[],
  options: RoundOptions,
): Promise<string> {
  const at = new Date().toISOString()
  const folder = join('bench', 'results')
  const file = join(folder, `${name}-${at.slice(0, 19).replace(/\D/g, '')}.json`)
  const content = { name, at, machine: machine(), versions: await versions(), options, results }
  await mkdir(folder, { recursive: true })
  await writeFile(file, `${JSON.stringify(content, undefined, 1)}\n`)
  return file
}

function micros(nanoseconds: number): string {
  return (nanoseconds / 1000).toFixed(2).padStart(10)
}

function machine(): object {
  const processors = cpus()
  return {
    processor: processors[0]?.model.trim(),
    processors: processors.length,
    memoryBytes: totalmem(),
    system: `${platform()} ${release()} ${arch()}`,
  }
}

async function versions(): Promise<object> {
  const require = createRequire(import.meta.url)
  const own = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
  const of = (module: string): string =>
    (require(`${module}/package.json`) as { version: string }).version
  return {
    node: process.versions.node,
    v8: process.versions.v8,
    millrace: own.version,
    knex: of('knex'),
    'better-sqlite3': of('better-sqlite3'),
  }
}

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { BenchOutcome, BenchSetting } from './benchmark.ts'
import { serverVersion } from './server-version.ts'

const folder = join('bench', 'results')

/** Writes results with everything needed to judge them, and returns the names of the files. */
export async function saveResults(
  name: string,
  { options, results, goals, versions: measured, files = {} }: BenchOutcome,
  { databases }: BenchSetting,
): Promise<string[]> {
  const at = new Date().toISOString()
  const stem = `${name.replaceAll('/', '-')}-${at.slice(0, 19).replace(/\D/g, '')}`
  const servers: Record<string, string> = {}
  for (const database of databases) servers[database] = await serverVersion(database)
  const versions = { ...(await packageVersions()), ...measured, servers }
  const content = { name, at, machine: machine(), versions, options, results, goals }
  await mkdir(folder, { recursive: true })
  const written: string[] = []
  const write = async (end: string, text: string): Promise<void> => {
    const file = join(folder, `${stem}${end}`)
    await writeFile(file, text)
    written.push(file)
  }
  await write('.json', `${JSON.stringify(content, undefined, 1)}\n`)
  for (const [end, text] of Object.entries(files)) await write(`-${end}`, text)
  return written
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

async function packageVersions(): Promise<object> {
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
    pg: of('pg'),
    mysql2: of('mysql2'),
  }
}

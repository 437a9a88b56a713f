import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knexFactory from 'knex'
import { configOf, type DatabaseAddress } from '../../test/support/database-config.ts'
import type { BenchSetting } from '../benchmark.ts'
import {
  createBenchDatabase,
  databaseTitles,
  type BenchDatabase,
  type BenchDatabaseName,
} from '../database.ts'
import type { Contender, ContenderId } from './contender.ts'
import { installCommand, installedVersion } from './peers/peer-package.ts'
import type { ProcessContender } from '../process-rounds.ts'
import { createPosts, type PostCounts } from './posts.ts'
import type { ContenderOrder } from './order.ts'
import { contenderProgram } from './order.ts'
import { contenderOf } from './registry.ts'

/** Who takes part, and why the others do not. */
export interface Field {
  readonly contenders: readonly Contender[]
  /** A line for each contender that is left out. */
  readonly missing: readonly string[]
  /** Versions of the packages of those that take part. */
  readonly versions: Readonly<Record<string, string>>
}

/** Of those wanted, the contenders whose database and packages are there. */
export async function fieldOf(
  wanted: readonly ContenderId[],
  { databases }: BenchSetting,
): Promise<Field> {
  const contenders: Contender[] = []
  const missing: string[] = []
  const versions: Record<string, string> = {}
  for (const id of wanted) {
    const contender = await contenderOf(id)
    const { title, packages, database } = contender
    // SQLite is everywhere, and the base of all comparisons.
    if (database !== 'sqlite' && !databases.includes(database)) {
      missing.push(`${title}: ${databaseTitles[database]} is not there, or was not asked for`)
      continue
    }
    const found = await Promise.all(packages.map(installedVersion))
    if (found.includes(undefined)) {
      missing.push(`${title}: not installed (${installCommand})`)
      continue
    }
    for (const [place, name] of packages.entries()) versions[name] = found[place] ?? ''
    contenders.push(contender)
  }
  return { contenders, missing, versions }
}

/** Databases with the table of posts, one for each contender on SQLite, one for all of them on a server. */
export class Grounds {
  readonly #counts: PostCounts
  readonly #made = new Map<string, BenchDatabase>()
  readonly #directory: string
  #copies = 0

  private constructor(counts: PostCounts, directory: string) {
    this.#counts = counts
    this.#directory = directory
  }

  static async open(counts: PostCounts): Promise<Grounds> {
    return new Grounds(counts, await mkdtemp(join(tmpdir(), 'millrace-bench-')))
  }

  /** The process of a contender, with a table of its own or its server's. */
  async processOf(
    contender: Contender,
    order: Omit<ContenderOrder, 'id' | 'address' | 'counts'>,
  ): Promise<ProcessContender> {
    const address = await this.#addressFor(contender)
    const whole: ContenderOrder = { id: contender.id, address, counts: this.#counts, ...order }
    return { program: contenderProgram, order: whole }
  }

  /** Where a contender finds its table. Files are not shared: some write to theirs. */
  async #addressFor({ database }: Pick<Contender, 'database'>): Promise<DatabaseAddress> {
    const { address } = this.#made.get(database) ?? (await this.#create(database))
    if (database !== 'sqlite') return address
    const filename = join(this.#directory, `${++this.#copies}.db`)
    await copyFile(String(address.connection['filename']), filename)
    return { ...address, connection: { filename } }
  }

  /** Where reads and writes of a contender are raced; left out if nowhere, or if its database is not there. */
  async raceOf(
    contender: Contender,
    databases: readonly BenchDatabaseName[],
  ): Promise<Pick<ContenderOrder, 'race'>> {
    if (contender.race === 'itself') return { race: 'itself' }
    if (contender.race === undefined || !databases.includes(contender.race)) return {}
    return { race: await this.#addressFor({ database: contender.race }) }
  }

  async drop(): Promise<void> {
    for (const database of this.#made.values()) await database.drop()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #create(name: Contender['database']): Promise<BenchDatabase> {
    const database = await createBenchDatabase(name)
    this.#made.set(name, database)
    const knex = knexFactory(configOf(database.address))
    try {
      await createPosts(knex, this.#counts)
    } finally {
      await knex.destroy()
    }
    return database
  }
}

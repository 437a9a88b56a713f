import { fileURLToPath } from 'node:url'
import knexFactory from 'knex'
import { configOf, type DatabaseAddress } from '../../../test/support/database-config.ts'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'
import {
  createBenchDatabase,
  databaseTitles,
  type BenchDatabase,
  type BenchDatabaseName,
} from '../../database.ts'
import type { Estimate } from '../../interval.ts'
import {
  compare,
  oneLife,
  type Comparison,
  type Life,
  type RoundPlan,
} from '../../process-rounds.ts'
import type { ContenderOrder } from './contender.ts'
import { createArticles, statementKinds } from './kinds.ts'

/** What one kind of statement costs on one database. */
interface StatementCost {
  readonly database: string
  readonly kind: string
  readonly contenders: readonly ({ readonly name: string } & Comparison)[]
}

/** The base of all ratios first; the second is the base once more, and shows what is noise. */
const contenders = [
  { name: 'Knex', way: 'knex' },
  { name: 'Knex again (noise)', way: 'knex' },
  { name: 'Millrace, uncached', way: 'millrace' },
] as const

/**
 * What Millrace costs on statements that it has nothing to answer: the same statements through Knex alone and through `DB`, without
 * `.cache()` and without a buffer.
 */
export async function benchmarkStatements(setting: BenchSetting): Promise<BenchOutcome> {
  const plan: RoundPlan = setting.quick
    ? { lives: 1, rounds: 4, sliceMs: 20, warmUpMs: 100 }
    : { lives: 4, rounds: 30, sliceMs: 20, warmUpMs: 300 }
  const results: StatementCost[] = []
  for (const database of setting.databases) {
    const lives: Life[] = []
    for (let life = 1; life <= plan.lives; life++) {
      setting.progress(`${databaseTitles[database]}: processes ${life} of ${plan.lives}`)
      lives.push(await lifeOn(database, plan))
    }
    for (const { name, title } of statementKinds) {
      const costs = compare(lives, name, 0)
      results.push({
        database: databaseTitles[database],
        kind: title,
        contenders: costs.map((cost, place) => ({ name: contenders[place]?.name ?? '', ...cost })),
      })
    }
  }
  return { text: tableOf(results), options: plan, results }
}

async function lifeOn(name: BenchDatabaseName, plan: RoundPlan): Promise<Life> {
  // Files must not share a disk cache or a write lock; a server's contenders share what its tables have come to look like.
  const createTable = name === 'sqlite' || name === 'sqlite-memory'
  const databases: BenchDatabase[] = []
  try {
    const orders: ContenderOrder[] = []
    for (const { way } of contenders) {
      const shared = createTable ? undefined : databases[0]
      const database = shared ?? (await createBenchDatabase(name))
      if (shared === undefined) databases.push(database)
      if (shared === undefined && !createTable) await prepare(database.address)
      orders.push({ address: database.address, way, createTable })
    }
    const program = fileURLToPath(new URL('contender.js', import.meta.url))
    return await oneLife(
      orders.map((order) => ({ program, order })),
      statementKinds.map((kind) => kind.name),
      plan,
    )
  } finally {
    for (const database of databases) await database.drop()
  }
}

async function prepare(address: DatabaseAddress): Promise<void> {
  const knex = knexFactory(configOf(address))
  try {
    await createArticles(knex)
  } finally {
    await knex.destroy()
  }
}

function tableOf(results: readonly StatementCost[]): string {
  const lines = [
    'Uncached statements: time per call, and how much more than through Knex alone (95 % interval)',
    `${''.padEnd(30)}${'p50 us'.padStart(10)}   ${'more, by medians'.padEnd(28)}more, by means`,
  ]
  for (const { database, kind, contenders: costs } of results) {
    lines.push('', `${database}: ${kind}`)
    for (const [place, { name, p50us, ratio, meanRatio }] of costs.entries()) {
      const more = place === 0 ? '' : `   ${percent(ratio).padEnd(28)}${percent(meanRatio)}`
      lines.push(`${name.padEnd(30)}${p50us.toFixed(2).padStart(10)}${more}`)
    }
  }
  return lines.join('\n')
}

function percent({ median, low, high }: Estimate): string {
  const of = (ratio: number): string => `${ratio >= 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)}`
  return `${of(median)} % (${of(low)} to ${of(high)})`
}

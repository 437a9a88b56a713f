import knexFactory from 'knex'
import { millrace, type Millrace } from '../../../src/index.ts'
import { CachedQuery, refused, type Answer } from './cached-query.ts'
import { Draw } from './draw.ts'
import type { Engine, Row } from './engine.ts'
import { Random } from './random.ts'
import { quote, reach, type Schema, type Source } from './schema.ts'
import type { Tally } from './tally.ts'
import { makeWorld, type World } from './world.ts'
import { performWrite, type DoneWrite } from './write.ts'

/** How big an episode is. */
export interface EpisodeSize {
  readonly queries: number
  readonly writes: number
}

/** Results with more rows take more time than they are worth. */
const tooMany = 400

/** A cached result that was not the database's. */
export class MissedError extends Error {
  override readonly name = 'MissedError'
}

/**
 * One random database, random queries that are read through Millrace, random writes through it; after each write every query is read
 * again, and a result from the cache has to be the database's. Rejects with a {@link MissedError} that tells all where it is not.
 */
export async function runEpisode(
  engine: Engine,
  seed: string,
  size: EpisodeSize,
  tally: Tally,
): Promise<void> {
  const compiler = knexFactory({ client: String(engine.config(1).client), useNullAsDefault: true })
  const world = await makeWorld(engine, compiler, seed)
  const db = await millrace({
    connection: engine.config(4),
    buffer: false,
    cache: { maxEntries: 100_000 },
  })
  try {
    const episode = new Episode(engine, db, world, seed, tally)
    await episode.warm(size.queries)
    for (let i = 0; i < size.writes; i++) await episode.write(i)
    await episode.finish()
  } finally {
    await db.close()
  }
  tally.episodes += 1
}

class Episode {
  readonly #engine: Engine
  readonly #db: Millrace
  readonly #schema: Schema
  readonly #script: readonly string[]
  readonly #rows: Map<string, readonly Row[]>
  readonly #seed: string
  readonly #tally: Tally
  readonly #random: Random
  readonly #history: string[] = []
  readonly #texts = new Map<string, string>()
  #queries: CachedQuery[] = []
  #hits = 0
  /** Queries that were drawn. */
  #drawn = 0
  #recording: string[] | undefined

  constructor(engine: Engine, db: Millrace, world: World, seed: string, tally: Tally) {
    this.#engine = engine
    this.#db = db
    this.#schema = world.schema
    this.#script = world.script
    this.#rows = world.rows
    this.#seed = seed
    this.#tally = tally
    this.#random = new Random(seed, 'checks')
    db.knex.on('query', ({ sql, bindings }: { sql: string; bindings?: unknown[] }) => {
      this.#recording?.push(`${sql} -- ${JSON.stringify(bindings ?? [], shownBigint)}`)
    })
  }

  /** Draws the queries and fills the cache. */
  async warm(count: number): Promise<void> {
    await this.#changedTables()
    for (const { name } of this.#schema.tables) {
      await this.#add(CachedQuery.ofTable(this.#db, this.#engine, name))
    }
    for (let i = 0; this.#queries.length < count && i < 3 * count; i++) await this.#addDrawn()
  }

  async #addDrawn(): Promise<void> {
    const random = new Random(this.#seed, 'query', this.#drawn)
    this.#drawn += 1
    const draw = new Draw(random, this.#schema, this.#db.knex, new Map(this.#rows))
    await this.#add(CachedQuery.draw(this.#db, draw))
  }

  /** Reads a query for the first time and keeps it. Those that the database refuses are left out, and huge ones. */
  async #add(query: CachedQuery): Promise<void> {
    const first = await this.#read(query)
    if (first.text === refused) this.#tally.refused += 1
    // What shows nothing has little to change.
    const dull = first.text === '' && this.#random.chance(0.75)
    if (first.text === refused || dull || query.size > tooMany) return
    await query.explain(this.#db, this.#schema)
    if (query.tables === undefined) this.#tally.unknown += 1
    const again = await this.#read(query)
    query.text = await query.truth(this.#engine)
    if (again.text !== query.text) throw this.#missed(query, undefined, again.text, query.text)
    this.#queries.push(query)
  }

  /** Puts new queries in the place of those that have not changed for long, and of those that have become huge. */
  async #renew(): Promise<void> {
    const stay = this.#queries.filter(({ quiet, size }) => quiet < 15 && size <= tooMany)
    const gone = this.#queries.length - stay.length
    this.#queries = stay
    for (let i = 0; i < gone; i++) await this.#addDrawn()
  }

  async write(at: number): Promise<void> {
    const recorded: string[] = []
    this.#recording = recorded
    const write = await performWrite({
      db: this.#db,
      schema: this.#schema,
      rows: this.#rows,
      random: new Random(this.#seed, 'write', at),
      amid: () => this.#amid(),
    })
    this.#recording = undefined
    this.#history.push(
      `-- write ${at}: ${write.kind}${write.error === undefined ? '' : ` failed: ${messageOf(write.error)}`}`,
      ...recorded,
    )
    if (write.changedSchema) this.#engine.forget()
    this.#tally.write(write.kind, write.error !== undefined)
    const touched =
      write.changedSchema || write.error !== undefined
        ? new Set<string>()
        : reach(this.#schema, write.tables)
    const changed = await this.#changedTables()
    const isNamed = (query: CachedQuery): boolean =>
      write.changedSchema || [...changed].some((table) => query.mentions.has(table))
    // Where no table changed that a query names, it gives what it gave. Some such queries are asked all the same.
    const asked = this.#queries.filter((query) => isNamed(query) || this.#random.chance(0.25))
    await this.#each(asked, (query) => this.#check(query, write, touched, isNamed(query)))
    await this.#renew()
  }

  /** Reads every table, beside the cache, and tells which ones are other than before. */
  async #changedTables(): Promise<Set<string>> {
    const changed = new Set<string>()
    for (const { name } of this.#readable) {
      const all = `select * from ${quote(this.#engine.dialect, name)}`
      const text = await this.#engine.print(all)
      if (this.#texts.get(name) === text) continue
      changed.add(name.toLowerCase())
      this.#texts.set(name, text)
      this.#rows.set(name, await this.#engine.rows(all, []))
    }
    return changed
  }

  /** What holds rows of its own. */
  get #readable(): readonly Source[] {
    const { tables, views } = this.#schema
    return [...tables, ...views.filter(({ sql }) => sql[0]?.startsWith('create materialized'))]
  }

  /** The counts of Millrace have to be those that were seen from outside. */
  async finish(): Promise<void> {
    const { hits } = await this.#db.cache.stats()
    if (hits !== this.#hits)
      throw new Error(`${this.#seed}: ${this.#hits} hits were seen, Millrace counted ${hits}.`)
  }

  async #check(
    query: CachedQuery,
    write: DoneWrite,
    touched: ReadonlySet<string>,
    named: boolean,
  ): Promise<void> {
    const { text, hit } = await this.#read(query)
    // What was not answered from the cache has just come from the database.
    const asked = (hit && named) || this.#random.chance(0.05)
    const truth = asked ? await query.truth(this.#engine) : hit ? query.text : text
    if (text !== truth) throw this.#missed(query, write, text, truth)
    if (!hit && !named && text !== query.text) {
      throw new Error(
        `${this.#seed}: nothing changed, but the result of ${query.sql}: ${query.text} -> ${text}`,
      )
    }
    const { tables } = query
    if (truth !== query.text) query.quiet = 0
    else if (named) query.quiet += 1
    this.#tally.pair(write.kind, query.kind, {
      changed: truth !== query.text,
      touched: tables === undefined || [...touched].some((table) => tables.has(table)),
      hit,
    })
    query.text = truth
  }

  async #read(query: CachedQuery): Promise<Answer> {
    const answer = await query.cached(this.#engine)
    if (answer.hit) this.#hits += 1
    return answer
  }

  /** In the midst of a transaction: others see nothing of it, and keep nothing of what they see. */
  async #amid(): Promise<void> {
    if (this.#engine.dialect === 'sqlite' || this.#queries.length === 0) return
    await this.#each(this.#random.some(this.#queries, 4), async (query) => {
      const { text } = await this.#read(query)
      const truth = await query.truth(this.#engine)
      if (text !== truth) throw this.#missed(query, undefined, text, truth)
    })
  }

  async #each(
    queries: readonly CachedQuery[],
    check: (query: CachedQuery) => Promise<void>,
  ): Promise<void> {
    if (this.#engine.dialect === 'sqlite') {
      for (const query of queries) await check(query)
      return
    }
    // Nothing may be under way any more when one has failed.
    const outcomes = await Promise.allSettled(queries.map(check))
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  #missed(
    query: CachedQuery,
    write: DoneWrite | undefined,
    cached: string,
    truth: string,
  ): MissedError {
    this.#tally.missed(write?.kind ?? 'none', query.kind)
    return new MissedError(
      [
        `MISSED on ${this.#engine.dialect}, episode ${this.#seed}: a cached result is not the database's.`,
        `replay: ${replay(this.#engine.dialect, this.#seed)}`,
        `query (${query.kind}): ${query.sql}`,
        `cached: ${cached}`,
        `truth:  ${truth}`,
        `before: ${query.text}`,
        '-- schema',
        ...this.#script.map((sql) => `${sql};`),
        ...this.#history,
      ].join('\n'),
    )
  }
}

function replay(dialect: string, episode: string): string {
  const [seed = '', first = ''] = episode.split('/')
  const variables = { DB: dialect, SEED: seed, FIRST: first, EPISODES: '1' }
  const set = Object.entries(variables).map(([name, value]) => `MILLRACE_FUZZ_${name}=${value}`)
  return `${set.join(' ')} node scripts/run.js test/model/fuzz`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function shownBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

import type { Knex } from 'knex'
import type { Millrace } from '../../../src/index.ts'
import type { Draw } from './draw.ts'
import type { Engine } from './engine.ts'
import { drawQuery, type DrawnQuery } from './queries.ts'
import { framed, respell, type Text } from './respell.ts'
import { resultText } from './result-text.ts'
import { mentioned, quote, type Schema } from './schema.ts'

/** What a read gave, as text, and whether the cache answered it. */
export interface Answer {
  readonly text: string
  readonly hit: boolean
}

type Run = Knex.QueryBuilder | Knex.Raw

/** The text of every result that the database refuses. */
export const refused = 'refused'

/** A query that is read through the cache again and again, and beside it. */
export class CachedQuery {
  readonly kind: string
  /** The table of which this is everything. */
  readonly table: string | undefined
  /** What it gave last, in truth. */
  text = refused
  /** Tables that it depends on, as Millrace has it; everything where it cannot tell. */
  tables: ReadonlySet<string> | undefined
  /** Tables that its text names. */
  mentions: ReadonlySet<string> = new Set()
  /** After how many writes to its tables it has given what it gave before. */
  quiet = 0
  /** How many rows it gave last. */
  size = 0
  readonly #make: () => Run
  readonly #ordered: boolean
  readonly #gives: DrawnQuery['gives']
  readonly #native: { readonly sql: string; readonly bindings: readonly unknown[] }

  private constructor(
    kind: string,
    make: () => Run,
    drawn: Pick<DrawnQuery, 'ordered' | 'gives'>,
    table?: string,
  ) {
    this.kind = kind
    this.table = table
    this.#make = make
    this.#ordered = drawn.ordered
    this.#gives = drawn.gives
    this.#native = nativeOf(make())
  }

  /** A random query: of a builder, or raw, the latter sometimes in a spelling of its own. */
  static draw(db: Millrace, draw: Draw): CachedQuery {
    const { random, dialect } = draw
    const drawn = drawQuery(draw)
    const { kind, builder, gives } = drawn
    if (gives !== 'rows' || random.chance(0.2))
      return new CachedQuery(kind, () => builder.clone(), drawn)
    let text: Text = builder.toSQL()
    if (random.chance(0.4)) text = respell(random, dialect, text)
    if (random.chance(0.08)) text = framed(random, dialect, text, !drawn.ordered)
    return new CachedQuery(kind, () => db.raw(text.sql, text.bindings as Knex.RawBinding[]), drawn)
  }

  /** Everything that a table holds. */
  static ofTable(db: Millrace, engine: Engine, table: string): CachedQuery {
    const sql = `select * from ${quote(engine.dialect, table)}`
    return new CachedQuery('table', () => db.raw(sql), { ordered: false, gives: 'rows' }, table)
  }

  /** What it says, for people. */
  get sql(): string {
    return `${this.#native.sql} -- ${JSON.stringify(this.#native.bindings, bigints)}`
  }

  /** Finds what the query depends on: by its text, and as Millrace has it. */
  async explain(db: Millrace, schema: Schema): Promise<void> {
    this.mentions = mentioned(schema, this.#native.sql)
    const { tables, outcome } = await db.cache.explain(this.#make())
    this.tables = tables === 'everything' || outcome === 'bypass' ? undefined : new Set(tables)
  }

  /** Reads it through the cache. */
  async cached(engine: Engine): Promise<Answer> {
    let hit = true
    const run = this.#make()
    void run.cache(Infinity)
    // A hit sends nothing, so Knex tells of no query.
    void run.on('query', () => (hit = false))
    try {
      const result: unknown = await run
      const rows = this.#rowsOf(engine, result)
      this.size = rows.length
      return { text: resultText(rows, this.#ordered), hit }
    } catch {
      return { text: refused, hit }
    }
  }

  /** Reads it on a connection of its own, of which Millrace knows nothing. */
  async truth(engine: Engine): Promise<string> {
    if (this.#gives !== 'rows') return await this.uncached(engine)
    try {
      const rows = await engine.rows(this.#native.sql, this.#native.bindings)
      return resultText(rows, this.#ordered)
    } catch {
      return refused
    }
  }

  /** Reads it without `.cache()`. */
  async uncached(engine: Engine): Promise<string> {
    try {
      return resultText(this.#rowsOf(engine, await this.#make()), this.#ordered)
    } catch {
      return refused
    }
  }

  #rowsOf(engine: Engine, result: unknown): readonly unknown[] {
    if (this.#gives === 'first') return [result]
    if (!Array.isArray(result)) return (result as { rows: unknown[] }).rows
    // MySQL's driver answers a raw query with rows and fields.
    const [first, second] = result as unknown[]
    if (
      engine.dialect === 'mysql' &&
      result.length === 2 &&
      Array.isArray(first) &&
      Array.isArray(second)
    )
      return first
    return result
  }
}

function nativeOf(run: Run): { sql: string; bindings: readonly unknown[] } {
  const compiled = run.toSQL() as { toNative?: () => { sql: string; bindings: readonly unknown[] } }
  const native = compiled.toNative?.()
  if (native === undefined) throw new Error('Knex compiled nothing.')
  return { sql: native.sql, bindings: native.bindings }
}

function bigints(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

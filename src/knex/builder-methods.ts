import { MillraceError } from '../base/errors.ts'
import type { CacheInput, RowKey } from '../contract/cache-options.ts'
import { CacheRequests, readCacheRequest } from './cache-request.ts'
import type { CacheRequest } from './cache-request.ts'
import type { BuilderClass, BuilderShape } from './client-shape.ts'
import { noAnswer } from './hot-reads.ts'

/** What the methods that Millrace adds to builders lead to. */
export interface BuilderHooks {
  /** Drops the cached queries that depend on a table, or on the rows with that key. */
  clear(table: string, key: RowKey | undefined): Promise<void>
  /** The write-behind buffer of a table. */
  buffer(table: string): object
}

type Fulfilled = ((result: unknown) => unknown) | null
type Rejected = ((error: unknown) => unknown) | null

/** Answers a builder's query at once, or with `noAnswer`. */
export type AnswerAtOnce = (builder: BuilderShape, request: CacheRequest) => unknown

/** Under this key a builder carries its request: in `_single`, which clones take along, or on the raw statement itself. */
const requested = Symbol('millrace.cache')

/** What `.cache(...)` on a builder or raw statement asked for; undefined without one. */
export function cacheRequestOf(builder: BuilderShape): CacheRequest | undefined {
  const place = builder._single ?? (builder as unknown as Record<PropertyKey, unknown>)
  return place[requested] as CacheRequest | undefined
}

/** `.cache` of one builder. */
interface CacheOfBuilder {
  (input?: CacheInput): BuilderShape
  clear?(key?: RowKey): Promise<void>
  builder?: BuilderShape
}

/** A builder class with `.cache` and `.buffer`, for the builders of one Knex instance. */
export function extendBuilderClass(
  base: BuilderClass,
  hooks: BuilderHooks,
  answerAtOnce: AnswerAtOnce | undefined,
): BuilderClass {
  const requests = new CacheRequests()
  function clear(this: CacheOfBuilder | undefined, key?: RowKey): Promise<void> {
    const builder = this?.builder
    return builder === undefined ? Promise.reject(detached()) : hooks.clear(tableOf(builder), key)
  }
  return class MillraceBuilder extends base {
    get cache(): object {
      const cache: CacheOfBuilder = (input) => {
        if (this._single !== undefined) this._single[requested] = requests.read(input)
        return this
      }
      // On the way of every hit: a `clear` of its own for each would be twice the work, and outlive the young generation.
      cache.clear = clear
      cache.builder = this
      return cache
    }

    override then(fulfilled?: Fulfilled, rejected?: Rejected): Promise<unknown> {
      const request = this._single?.[requested] as CacheRequest | undefined
      if (request !== undefined && answerAtOnce !== undefined) {
        const answer = answerAtOnce(this, request)
        if (answer !== noAnswer) return Promise.resolve(answer).then(fulfilled, rejected)
      }
      return super.then(fulfilled, rejected)
    }

    get buffer(): object {
      if (this.client.transacting === true) {
        throw new MillraceError(
          'MILLRACE_BUFFER_IN_TRANSACTION',
          'A transaction has no buffer: a buffered write is applied later, outside of it, whether it commits or not.',
          {
            remedy:
              'Write directly in the transaction, or use DB.<table>.buffer after it committed.',
          },
        )
      }
      refuseSchema(this)
      return hooks.buffer(tableOf(this))
    }
  }
}

/** Gives a raw statement its `.cache`. */
export function extendRaw(raw: BuilderShape): BuilderShape {
  return Object.defineProperty(raw, 'cache', {
    value: cacheRaw,
    configurable: true,
    writable: true,
  })
}

function cacheRaw(this: BuilderShape, input?: CacheInput): BuilderShape {
  return Object.defineProperty(this, requested, {
    value: readCacheRequest(input),
    configurable: true,
  })
}

function detached(): MillraceError {
  return new MillraceError('MILLRACE_TABLE_UNKNOWN', 'clear() was taken off its .cache.', {
    remedy: 'Call DB.<table>.cache.clear(key).',
  })
}

/** The buffer knows tables by their bare name only: written with a schema, the row might end up in another table. */
function refuseSchema(builder: BuilderShape): void {
  const { table, schema } = builder._single ?? {}
  const qualified = typeof table === 'string' && /^\S*\./.test(table.trim())
  if (!qualified && (schema === undefined || schema === null)) return
  const name = qualified ? table.trim() : `${String(schema)}.${String(table)}`
  throw new MillraceError(
    'MILLRACE_TABLE_UNSUPPORTED',
    `The buffer writes to no table with a schema, such as "${name}".`,
    { remedy: 'Open a connection whose default schema it is, or write directly.' },
  )
}

/** The table that a builder was made for, without its schema and alias. */
function tableOf(builder: BuilderShape): string {
  const table = builder._single?.['table']
  if (typeof table === 'string') {
    const [name = table] = table.trim().split(/\s+as\s+/i)
    return name.slice(name.lastIndexOf('.') + 1)
  }
  throw new MillraceError(
    'MILLRACE_TABLE_UNKNOWN',
    'This builder was not made for one table by name.',
    {
      remedy: 'Use DB.<table> or DB.table(name).',
    },
  )
}

import type { Knex } from 'knex'
import type { AckLevel, OnMissing } from '../contract/buffer-port.ts'
import type { Dialect } from '../contract/dialect.ts'
import type { EventSink } from '../contract/events.ts'
import type { OverflowPolicy } from './millrace-options.ts'
import type { StoreFactory } from './store-factory.ts'

/** The options as the rooms get them: checked, complete, in milliseconds and bytes. */
export interface ResolvedOptions extends ResolvedCommonOptions {
  /** By name; `default` is always there. */
  readonly connections: ReadonlyMap<string, ResolvedConnection>
}

/** The options that do not say which databases to open. */
export interface ResolvedCommonOptions {
  readonly store: 'memory' | StoreFactory
  /** `undefined`: switched off. */
  readonly cache: ResolvedCache | undefined
  /** `undefined`: switched off. */
  readonly buffer: ResolvedBuffer | undefined
  /** Table, as the user spells it, to column to size. */
  readonly nanoid: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly settleDelayMs: number
  readonly onEvent: EventSink | undefined
}

/** A database to open or to take over. */
export type ResolvedConnection =
  /** The user's own instance; never destroyed by Millrace. */
  | {
      readonly kind: 'instance'
      readonly name: string
      readonly dialect: Dialect
      readonly knex: Knex
    }
  /** Millrace makes the instance and destroys it. `driver` is the package that has to be installed. */
  | {
      readonly kind: 'config'
      readonly name: string
      readonly dialect: Dialect
      readonly driver: DriverName
      readonly config: Knex.Config
    }

/** The npm packages that a supported client loads. */
export type DriverName = 'better-sqlite3' | 'pg' | 'mysql2'

/** {@link CacheSettings}, resolved. */
export interface ResolvedCache {
  readonly ttlMs: number
  readonly maxEntries: number
  readonly maxBytes: number
  readonly frozen: boolean
  readonly fingerprint: boolean
  /** By table, as the user spells it. */
  readonly tables: ReadonlyMap<string, ResolvedTableCache>
  /** Columns whose values set rows apart, by table; both folded to lower case, columns sorted. */
  readonly partition: ReadonlyMap<string, readonly string[]>
  /** The share of hits that is run again, from 0 to 1. */
  readonly auditRate: number
}

/** {@link TableCacheSettings}, resolved; `undefined` where the table has nothing of its own. */
export interface ResolvedTableCache {
  readonly ttlMs: number | undefined
  readonly maxKeys: number | undefined
}

/** {@link BufferSettings}, resolved. */
export interface ResolvedBuffer {
  readonly ack: AckLevel
  /** Directory as given, not yet made absolute. */
  readonly journal: string
  readonly flushIntervalMs: number
  readonly maxBatch: number
  readonly maxPending: number
  readonly drainTimeoutMs: number
  readonly overflow: OverflowPolicy
  readonly onMissing: OnMissing
}

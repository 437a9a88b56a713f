import type { DatabaseAddress } from '../../test/support/database-config.ts'
import type { Post, Question } from './posts.ts'

/** What can be measured, by what it is called in orders and in results. */
export type ContenderId =
  | 'better-sqlite3'
  | 'pg'
  | 'mysql2'
  | 'knex-sqlite'
  | 'knex-postgres'
  | 'knex-mysql'
  | 'millrace-sqlite'
  | 'millrace-frozen'
  | 'millrace-postgres'
  | 'millrace-mysql'
  | 'millrace-worker'
  | 'map'
  | PeerId

/** Other caches; their packages are those of `bench/peers/package.json`. */
export type PeerId =
  | 'bentocache'
  | 'cacheable'
  | 'async-cache-dedupe'
  | 'layered-loader'
  | 'typeorm'
  | 'mikro-orm'
  | 'drizzle'

/** What a contender is and what its documentation promises. */
export interface Contender {
  readonly id: ContenderId
  /** How results name it. */
  readonly title: string
  /** What it reads, or would read if it did not have the answer. */
  readonly database: 'sqlite' | 'postgres' | 'mysql'
  /**
   * Where reads and writes are raced to look for stale answers: on its own database, or on a PostgreSQL, because SQLite answers before anybody
   * else has a turn and nothing can cross. Default: nowhere.
   */
  readonly race?: 'itself' | 'postgres'
  /** The packages of `bench/peers/package.json` that it needs, the one that is measured first. */
  readonly packages: readonly string[]
  /** `undefined` where nothing is cached: each question is a query. */
  readonly promises?: Promises
  /** Opens it on a database with the table of posts. */
  open(address: DatabaseAddress): Promise<OpenContender>
}

/** What a cache promises, as documented. */
export interface Promises {
  /** Who sees to it that a write is seen: the cache, or the application. */
  readonly invalidation: 'by row values' | 'by table' | 'by hand'
  /** What a caller gets: something of its own, or what the next caller gets too. */
  readonly answer: 'a copy' | 'frozen, shared' | 'shared'
  /** Whether an answer can be older than a write that had been acknowledged before the question was asked. */
  readonly stale: 'never' | 'possible'
}

/** A contender at work, in its own process. */
export interface OpenContender {
  /** How a question is asked, from what the application knows to the rows. Called once for each question. */
  ask(question: Question): (value: number) => PromiseLike<readonly Post[]>
  /** How many questions were answered without the cache so far. 0 for ever where nothing is cached. */
  loads(): number | Promise<number>
  /** Sets a post's title the way that the contender's documentation has it, with no invalidation by hand. */
  retitle(id: number, title: string): Promise<unknown>
  /** What the documentation asks to be called after a post of that key was written to, so that its cached row is not used any more. */
  forget?(id: number): unknown
  close(): Promise<void>
}

import type { EventEmitter } from 'node:events'
import type { PlainClient, PooledConnection } from './plain-client.ts'

/** A compiled statement on its way to the driver, as Knex passes it to `client._query`. */
export interface CompiledStatement {
  sql: string
  bindings?: readonly unknown[]
  method?: string
  /** The column that `pluck` asks for. */
  pluck?: string
  options?: Readonly<Record<string, unknown>>
  timeout?: number
  __knexQueryUid?: string
  response?: unknown
  context?: unknown
  toNative?(): { readonly sql: string; readonly bindings: readonly unknown[] }
  [capture]?: CaptureResponse
}

/** Key under which a cached read asks the tap for the driver's response, before anyone can change it. */
export const capture: unique symbol = Symbol('millrace.capture')

/** Receives the driver's response and the connection that gave it. */
export type CaptureResponse = (response: unknown, connection: PooledConnection) => void

/** What is used of a Knex builder or raw statement. */
export interface BuilderShape extends EventEmitter {
  client: ClientShape
  _method?: string
  _single?: Record<PropertyKey, unknown>
  _connection?: PooledConnection
  _debug?: boolean
  /** Node's count of events with listeners. */
  readonly _eventsCount?: number
  readonly isRawInstance?: boolean
  toSQL(): CompiledStatement | readonly CompiledStatement[]
  toQuery(): string
  queryContext(): unknown
  then(
    fulfilled?: ((result: unknown) => unknown) | null,
    rejected?: ((error: unknown) => unknown) | null,
  ): Promise<unknown>
}

/** What is used of the object that runs one builder. */
export interface RunnerShape {
  builder: BuilderShape
  client: ClientShape
  connection: unknown
  run(): Promise<unknown>
  stream(...args: unknown[]): unknown
  ensureConnection<T>(run: (runner: RunnerShape) => Promise<T>): Promise<T>
  query(statement: CompiledStatement): Promise<unknown>
}

/** What is used of the object that compiles one builder. */
export interface CompilerShape {
  method: string
  single: Record<string, unknown>
}

/** A builder class; Knex clones a builder through its constructor. */
export type BuilderClass = new (client: ClientShape) => BuilderShape

/** What is used of a Knex client: the object behind an instance, and behind each of its transactions. */
export interface ClientShape extends EventEmitter, PlainClient {
  readonly driverName: string
  readonly transacting?: boolean
  readonly driver: unknown
  readonly pool?: unknown
  config: { readonly client?: unknown; readonly [option: string]: unknown }
  connectionSettings?: Readonly<Record<string, unknown>>
  queryBuilder(): BuilderShape
  queryCompiler(builder: BuilderShape, bindings?: unknown): CompilerShape
  raw(...args: unknown[]): BuilderShape
  runner(builder: BuilderShape): RunnerShape
  processResponse(statement: CompiledStatement, runner: RunnerShape): unknown
  postProcessResponse(response: unknown, queryContext: unknown): unknown
  destroyRawConnection(connection: PooledConnection): unknown
  /** As a runner does: positions and prepares bindings, tells listeners, and puts the driver's answer beside the statement. */
  query(connection: PooledConnection, statement: CompiledStatement): Promise<unknown>
  _query(connection: PooledConnection, statement: CompiledStatement): Promise<unknown>
  _stream(connection: PooledConnection, ...rest: unknown[]): Promise<unknown>
}

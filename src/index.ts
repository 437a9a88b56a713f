export { install, millrace } from './millrace.ts'

export { MillraceError } from './base/errors.ts'
export type { ErrorCode, ErrorDetails } from './base/errors.ts'
export type { Duration } from './base/duration.ts'
export type { Size } from './base/size.ts'

export type { InstallMillrace, OpenMillrace } from './options/entry-points.ts'
export type {
  BufferSettings,
  CacheSettings,
  CommonOptions,
  ConnectionOption,
  MillraceOptions,
  MultiOptions,
  NanoidOption,
  OverflowPolicy,
  SingleOptions,
  TableCacheSettings,
} from './options/millrace-options.ts'
export type { StoreFactory } from './options/store-factory.ts'

export type { CacheMethod } from './database/builder-extension.ts'
export type {
  BufferControl,
  CacheControl,
  ConnectionBufferControl,
  ConnectionCacheControl,
  DeadLetterControl,
  ExplainableQuery,
} from './database/controls.ts'
export type { MillraceName } from './database/reserved-names.ts'
export type {
  BufferKey,
  BufferedUpdateOptions,
  BufferedWriteOptions,
  IncrementOptions,
  InsertedRow,
  NumericColumn,
  Receipt,
  RowBuffer,
  RowReceipt,
  RowsReceipt,
  SelectedRow,
  TableBuffer,
  ValueReceipt,
} from './database/table-buffer.ts'
export type {
  AnyRow,
  AnyTables,
  ConnectionDatabase,
  ConnectionMembers,
  DatabaseMembers,
  KnexMembers,
  Millrace,
  TableAccess,
  TableMembers,
  TableQuery,
} from './database/typed-tables.ts'

export type {
  AckLevel,
  BufferCounts,
  BufferStats,
  DeadLetter,
  LaneState,
  LaneStats,
  OnMissing,
} from './contract/buffer-port.ts'
export type { Explanation } from './contract/explanation.ts'
export type {
  BypassReason,
  CacheStats,
  InvalidationPrecision,
  TableCacheStats,
} from './contract/cache-stats.ts'
export type { CacheInput, CacheOptions, RowKey } from './contract/cache-options.ts'
export type { Dialect } from './contract/dialect.ts'
export type { EventSink, MillraceEvent } from './contract/events.ts'

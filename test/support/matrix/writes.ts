import type { WriteShape } from './shapes.ts'
import { rowWrites } from './writes-rows.ts'
import { rawWrites } from './writes-raw.ts'
import { schemaWrites } from './writes-schema.ts'
import { transactionWrites } from './writes-transactions.ts'

/** Ways to write that a cache must see. Call `seedMatrix` before each, and `restore` after those that have one. */
export const writeShapes: readonly WriteShape[] = [
  ...rowWrites,
  ...rawWrites,
  ...schemaWrites,
  ...transactionWrites,
]

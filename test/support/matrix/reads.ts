import type { ReadShape } from './shapes.ts'
import { plainReads } from './reads-plain.ts'
import { nestedReads } from './reads-nested.ts'
import { dialectReads } from './reads-dialect.ts'

/** Ways to read that a cache must understand. Rows come in no promised order: compare them sorted. */
export const readShapes: readonly ReadShape[] = [...plainReads, ...nestedReads, ...dialectReads]

import { shown } from '../base/shown.ts'
import { invalidOption } from './option-reader.ts'
import type { StoreFactory } from './store-factory.ts'

const kinds: readonly unknown[] = ['memory', 'cluster', 'lmdb', 'redis']

/** Reads `store`: a name, or what a store's package returned. Throws `MILLRACE_OPTION_INVALID`. */
export function resolveStore(value: unknown): 'memory' | StoreFactory {
  if (value === undefined || value === 'memory') return 'memory'
  if (isStoreFactory(value)) return value
  throw invalidOption(
    'store',
    `is ${shown(value)}, which is no store`,
    value === 'cluster'
      ? "Give 'memory': a worker of node:cluster then uses the primary's memory by itself."
      : value === 'lmdb' || value === 'redis'
        ? "It is not there yet in this version: give 'memory'."
        : "Give 'memory'.",
  )
}

function isStoreFactory(value: unknown): value is StoreFactory {
  if (typeof value !== 'object' || value === null) return false
  return (
    'open' in value &&
    typeof value.open === 'function' &&
    'kind' in value &&
    kinds.includes(value.kind)
  )
}

import {
  readBoolean,
  readDuration,
  readInteger,
  readObject,
  readShare,
  readSize,
  refuseUnknown,
} from './option-reader.ts'
import { resolvePartition } from './resolve-partition.ts'
import type { ResolvedCache, ResolvedTableCache } from './resolved-options.ts'

const names = [
  'ttl',
  'maxEntries',
  'maxBytes',
  'frozen',
  'fingerprint',
  'tables',
  'partition',
  'audit',
] as const

/** Reads `cache`; `undefined` if it is switched off. */
export function resolveCache(value: unknown): ResolvedCache | undefined {
  if (value === false) return undefined
  const options =
    value === undefined || value === true
      ? {}
      : readObject(value, 'cache', 'Give false, or an object such as { ttl: 60 }.')
  refuseUnknown(options, 'cache', names)
  return {
    ttlMs: readDuration(options['ttl'], 's', 'cache.ttl', 300_000),
    maxEntries: readInteger(options['maxEntries'], 'cache.maxEntries', { min: 1 }, 10_000),
    maxBytes: readSize(options['maxBytes'], 'cache.maxBytes', 64 * 1024 ** 2),
    frozen: readBoolean(options['frozen'], 'cache.frozen', false),
    fingerprint: readBoolean(options['fingerprint'], 'cache.fingerprint', true),
    tables: resolveTables(options['tables']),
    partition: resolvePartition(options['partition']),
    auditRate: readShare(options['audit'], 'cache.audit', 0),
  }
}

function resolveTables(value: unknown): ReadonlyMap<string, ResolvedTableCache> {
  const tables = new Map<string, ResolvedTableCache>()
  if (value === undefined) return tables
  const remedy = 'Give an object such as { posts: { ttl: 60, maxKeys: 1000 } }.'
  for (const [table, settings] of Object.entries(readObject(value, 'cache.tables', remedy))) {
    const path = `cache.tables.${table}`
    const options = readObject(settings, path, 'Give an object such as { ttl: 60, maxKeys: 1000 }.')
    refuseUnknown(options, path, ['ttl', 'maxKeys'])
    tables.set(table, {
      ttlMs: readDuration(options['ttl'], 's', `${path}.ttl`, undefined),
      maxKeys: readInteger(options['maxKeys'], `${path}.maxKeys`, { min: 1 }, undefined),
    })
  }
  return tables
}

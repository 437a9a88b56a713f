import { Workload, type Read, type WorkloadOptions, type Write } from './workload.ts'

/**
 * The hit ratio of a cache that loses exactly what a write can change, and nothing by age or for space. What is missing to 1 are first
 * reads, and reads after a write that did change something.
 */
export function idealHitRatio(options: WorkloadOptions, requests: number): number {
  const workload = new Workload(options)
  const cached = new Map<string, Read>()
  const counts = { reads: 0, hits: 0 }
  for (let i = 0; i < 2 * requests; i++) {
    const request = workload.next()
    if (request.op === 'write') {
      forget(cached, workload, request)
      continue
    }
    const key = keyOf(request)
    const isHit = cached.has(key)
    cached.set(key, request)
    if (i < requests) continue // warming up, as the others do
    counts.reads += 1
    if (isHit) counts.hits += 1
  }
  return counts.hits / counts.reads
}

function forget(cached: Map<string, Read>, workload: Workload, write: Write): void {
  if (write.kind === 'tenant') {
    for (const [key, read] of cached) if (workload.canChange(write, read)) cached.delete(key)
    return
  }
  const { order } = write
  cached.delete(keyOf({ op: 'read', kind: 'join', order }))
  if (write.kind === 'invoice') return
  cached.delete(keyOf({ op: 'read', kind: 'order', order }))
  for (const tenant of write.tenants) cached.delete(keyOf({ op: 'read', kind: 'tenant', tenant }))
}

function keyOf(read: Read): string {
  return `${read.kind} ${String(read.kind === 'tenant' ? read.tenant : read.order)}`
}

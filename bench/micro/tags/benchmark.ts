import assert from 'node:assert/strict'
import { systemClock } from '../../../src/base/clock.ts'
import { TagSpace } from '../../../src/coherence/tag-space.ts'
import { MemoryAuthority } from '../../../src/stores/memory/memory-authority.ts'
import type { BenchOutcome, BenchSetting } from '../../benchmark.ts'

/** Memory after so many distinct tags, in bytes after a collection of garbage. */
interface MemoryAfter {
  readonly tags: number
  readonly heapUsed: number
  readonly arrayBuffers: number
  readonly rss: number
  /** Microseconds per tag since the line before: naming it, marking it and touching it. */
  readonly usPerTag: number
}

const tagsPerWrite = 10
/** What may come and go by itself: compiled code, the runtime's own tables. */
const allowedGrowth = 1024 ** 2

/**
 * What the authority keeps of the tags that it has seen: nothing. Ever new values of a key column are marked and touched by writes of ten
 * rows each; the memory is looked at in between. Fails if it grows.
 */
export async function benchmarkTags({ quick, progress }: BenchSetting): Promise<BenchOutcome> {
  const steps = quick ? [0, 1e5, 1e6] : [0, 1e6, 1e7, 1e8]
  const authority = new MemoryAuthority({ clock: systemClock })
  const tags = new TagSpace('bench', authority.slotCount)
  const results: MemoryAfter[] = []
  // Once through everything first: code that is compiled later must not look like tags.
  write(authority, tags, -2e5, 0)
  let written = 0
  for (const step of steps) {
    const from = written
    const begun = performance.now()
    while (written < step) {
      const until = Math.min(step, written + 5e6)
      write(authority, tags, written, until)
      written = until
      if (written < step) progress(`${written.toExponential()} of ${step.toExponential()} tags`)
    }
    const usPerTag = ((performance.now() - begun) * 1000) / (step - from)
    results.push({ tags: step, ...(await memory()), usPerTag })
  }
  const [before, after] = [results[0], results.at(-1)]
  assert.ok(before !== undefined && after !== undefined)
  const growth = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  assert.ok(growth < allowedGrowth, `the authority grew by ${growth} bytes`)
  const options = { slots: authority.slotCount, tagsPerWrite }
  return { text: tableOf(results), options, results: { growthBytes: growth, steps: results } }
}

function write(authority: MemoryAuthority, tags: TagSpace, from: number, until: number): void {
  const table = tags.table('orders')
  const column = table.column('id')
  for (let value = from; value < until; value += tagsPerWrite) {
    const slots = new Set([table.whole])
    for (let i = 0; i < tagsPerWrite; i++) slots.add(column.value(String(value + i)))
    const request = { slots: [...slots], watch: tags.schema, settleDelayMs: 0 }
    const mark = authority.mark(request)
    assert.ok(!(mark instanceof Promise))
    authority.settle(mark, request.slots)
  }
}

async function memory(): Promise<Omit<MemoryAfter, 'tags' | 'usPerTag'>> {
  assert.ok(globalThis.gc !== undefined, 'needs node --expose-gc')
  // Several times, with a pause for what is freed later.
  for (let i = 0; i < 4; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
  return { heapUsed, arrayBuffers, rss }
}

function tableOf(results: readonly MemoryAfter[]): string {
  const mb = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(2)} MB`.padStart(13)
  const lines = [
    'Memory of the authority after so many distinct tags',
    `${'tags'.padEnd(10)}${'heap'.padStart(13)}${'buffers'.padStart(13)}${'process'.padStart(13)}${'us per tag'.padStart(13)}`,
  ]
  for (const { tags, heapUsed, arrayBuffers, rss, usPerTag } of results) {
    const time = Number.isFinite(usPerTag) ? usPerTag.toFixed(3).padStart(13) : ''
    const count = tags.toExponential().padEnd(10)
    lines.push(`${count}${mb(heapUsed)}${mb(arrayBuffers)}${mb(rss)}${time}`)
  }
  return lines.join('\n')
}

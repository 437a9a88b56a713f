import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { TagSpace } from '../../../src/coherence/tag-space.ts'
import { MemoryAuthority } from '../../../src/stores/memory/memory-authority.ts'
import { markOf } from '../../../src/testing/conformance/rig.ts'
import { FakeClock } from '../../../src/testing/fake-clock.ts'

test('memory is constant: a million writes of different rows leave nothing behind', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = (): number => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  }
  const authority = new MemoryAuthority({ clock: new FakeClock() })
  const tags = new TagSpace('memory', authority.slotCount)
  const { whole, column } = tags.table('t')
  const id = column('id')
  const write = (row: number): void => {
    const slot = id.value(String(row))
    if (row % 3 === 0) authority.bump([whole, slot])
    else {
      const mark = authority.mark(markOf([whole, row % 3 === 1 ? slot : id.unknown]))
      authority.settle(mark as { id: number; watched: number }, [whole, slot])
    }
  }
  for (let row = 0; row < 20_000; row++) write(row)
  const before = heap()
  for (let row = 20_000; row < 1_020_000; row++) write(row)
  const grown = heap() - before
  console.log(`${String(grown)} bytes more`)
  // Eight bytes kept for each would be 8 MB.
  expect(grown).toBeLessThan(2e6)
  expect(authority.standingMarks).toBe(0)
})

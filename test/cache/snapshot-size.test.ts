import assert from 'node:assert/strict'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { ColumnarRows } from '../../src/contract/snapshot.ts'
import { createRowShapes } from '../../src/cache/snapshot/row-shapes.ts'
import { entryBytes } from '../../src/cache/snapshot/size-estimate.ts'
import { takeSnapshot } from '../../src/cache/snapshot/take-snapshot.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** The memory that is in use after everything that nobody holds is gone. */
async function retained(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    // What is outside of the heap goes a turn later.
    await new Promise(setImmediate)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const statuses = ['draft', 'published', 'archived']

/** Rows with strings of their own, as a driver makes them. */
const kinds: Readonly<Record<string, (id: number) => object>> = {
  'two columns': (id) => ({ id, title: own(`Post title number ${id}`) }),
  'integers and fractions': (id) => ({ id, rating: id / 7, at: 1.7e12 + id }),
  'fractions and nulls': (id) => ({ id, rating: id % 3 === 0 ? null : id / 7 }),
  'repeated strings': (id) => ({ id, status: own(statuses[id % 3] ?? ''), kind: own('note') }),
  'wide text': (id) => ({ id, title: own(`木の家 ${id}`.repeat(4)) }),
  dates: (id) => ({ id, createdAt: new Date(id), updatedAt: new Date(id) }),
  buffers: (id) => ({ id, data: Buffer.from(`bytes of ${id}`) }),
  'nested data': (id) => ({ id, doc: { tags: [own(`tag ${id}`), own('other')], size: [id, id] } }),
}

/** The text in memory of its own. */
function own(text: string): string {
  return Buffer.from(text).toString()
}

/** Bytes of memory for each of so many snapshots, as they are and as they are counted. */
async function weigh(
  snapshots: number,
  rows: number,
  row: (id: number) => object,
): Promise<{ truth: number; counted: number }> {
  const kept: unknown[] = []
  let counted = 0
  const takeAll = (): void => {
    kept.length = 0
    counted = 0
    for (let i = 0; i < snapshots; i++) {
      const result = Array.from({ length: rows }, (_, r) => row(i * rows + r))
      const taken = takeSnapshot(undefined, result)
      assert.ok(taken !== undefined)
      counted += taken.bytes - entryBytes
      kept.push(taken.snapshot)
    }
  }
  // Once before: compiled code must not count.
  takeAll()
  kept.length = 0
  const before = await retained()
  takeAll()
  const truth = (await retained()) - before
  expect(kept).toHaveLength(snapshots)
  return { truth: truth / snapshots, counted: counted / snapshots }
}

describe('what a snapshot takes of the memory is what is counted, to a factor of two', () => {
  test.each(
    Object.entries(kinds).flatMap(([kind, row]) =>
      [1, 50].map((rows) => ({ kind, rows, row, snapshots: rows === 1 ? 8000 : 600 })),
    ),
  )('$rows rows: $kind', async ({ rows, row, snapshots }) => {
    const { truth, counted } = await weigh(snapshots, rows, row)
    expect(counted / truth).toBeGreaterThan(0.5)
    expect(counted / truth).toBeLessThan(2)
  })
})

test('a column of nothing but numbers takes eight bytes for each, whatever other columns hold', async () => {
  await weigh(100, 10, (id) => ({ text: own(`text ${id}`), mixed: id % 2 === 0 ? null : id / 7 }))
  const { truth } = await weigh(300, 200, (id) => ({ rating: id / 7, at: 1.7e12 + id }))
  // 8 bytes; 24 if each number were an object.
  expect(truth / 400).toBeLessThan(14)
})

test('a column takes no room for rows that are not there', async () => {
  const names = Array.from({ length: 20 }, (_, c) => `column${c}`)
  const row = (id: number): object => Object.fromEntries(names.map((name) => [name, id]))
  const { truth } = await weigh(3000, 1, row)
  // A list of one, its place, its name's and its mark's: 80 bytes; 210 with the room that a growing list has.
  expect(truth / names.length).toBeLessThan(140)
})

test('frozen rows that are shared go when no caller holds them', async () => {
  const shapes = createRowShapes()
  const body = takeSnapshot(undefined, [{ id: 1 }])?.snapshot.body as ColumnarRows
  const [rows, column] = [
    new WeakRef(shapes.frozen(body).rows()),
    new WeakRef(shapes.frozen(body).column(0)),
  ]
  expect(rows.deref()).toBe(shapes.frozen(body).rows())
  // What was looked at stays until the turn ends.
  await new Promise(setImmediate)
  await retained()
  expect([rows.deref(), column.deref()]).toEqual([undefined, undefined])
  expect(shapes.frozen(body).rows()).toEqual([{ id: 1 }])
  expect(shapes.frozen(body).column(0)).toEqual([1])
})

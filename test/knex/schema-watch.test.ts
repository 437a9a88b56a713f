import { expect, test } from 'vitest'
import type { MillraceEvent } from '../../src/contract/events.ts'
import type { QueryOnConnection } from '../../src/knex/catalog-keeper.ts'
import { SchemaWatch } from '../../src/knex/schema-watch.ts'
import { MemoryAuthority } from '../../src/stores/memory/memory-authority.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

const schemaSlot = 3
const checkMs = 1000

/** Lets everything go on that waits for nothing but promises. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

/** A server whose schema is a text, and a catalog that was read from it. */
function rig() {
  const clock = new FakeClock()
  const authority = new MemoryAuthority({ clock, slotCount: 16 })
  const events: MillraceEvent[] = []
  const server = { print: 'a', idle: true, asked: 0, answersAfterMs: 0 }
  const catalog = { print: 'a' as string | undefined, loadedAt: 0, reads: 0 }
  const query: QueryOnConnection = () => {
    server.asked += 1
    clock.advance(server.answersAfterMs)
    return Promise.resolve([{ print: server.print }])
  }
  const read = (): Promise<void> => {
    catalog.reads += 1
    catalog.print = server.print
    catalog.loadedAt = authority.lastTouch(schemaSlot)
    return Promise.resolve()
  }
  const watch = new SchemaWatch({
    dialect: 'postgres',
    clock,
    checkMs,
    catalog: {
      get print() {
        return catalog.print
      },
      get loadedAt() {
        return catalog.loadedAt
      },
      refresh: read,
      reload: read,
    },
    authority,
    schemaSlot,
    slots: [2, schemaSlot],
    borrowIdle: async (_signal, use) => (server.idle ? await use(query) : undefined),
    connection: 'default',
    onEvent: (event) => events.push(event),
  })
  /** A statement comes by after some time. */
  const after = async (ms: number): Promise<void> => {
    clock.advance(ms)
    watch.poke()
    await turns()
  }
  return { clock, authority, events, server, catalog, query, watch, after }
}

const noticed = [{ type: 'schema-changed-outside', connection: 'default' }]

test('the server is asked once in each interval in which a statement comes by', async () => {
  const { server, clock, after } = rig()
  await after(checkMs - 1)
  expect(server.asked).toBe(0)
  await after(1)
  await after(0)
  await after(checkMs - 1)
  expect(server.asked).toBe(1)
  clock.advance(50 * checkMs)
  expect(server.asked).toBe(1)
  await after(0)
  expect(server.asked).toBe(2)
})

test('a change that nobody told of touches everything, then the catalog is read', async () => {
  const { server, catalog, authority, events, after, clock } = rig()
  server.print = 'b'
  await after(checkMs)
  expect(events).toEqual([])
  clock.advance(250)
  await turns()
  expect(events).toEqual(noticed)
  expect(authority.lastTouch(2)).toBeGreaterThan(0)
  expect(catalog).toMatchObject({ print: 'b', loadedAt: authority.lastTouch(schemaSlot), reads: 1 })
  await after(checkMs)
  expect([catalog.reads, events]).toEqual([1, noticed])
})

test('a change that is told a moment later is none', async () => {
  const { server, catalog, authority, events, after, clock } = rig()
  server.print = 'b'
  await after(checkMs)
  // The statement that changed it is answered, and has the catalog read.
  authority.bump([schemaSlot])
  catalog.print = 'b'
  catalog.loadedAt = authority.lastTouch(schemaSlot)
  clock.advance(250)
  await turns()
  await after(0)
  expect([catalog.reads, events, server.asked]).toEqual([0, [], 2])
})

test('a change that another process told of has the catalog read, and is not news', async () => {
  const { server, catalog, authority, events, after, clock } = rig()
  authority.bump([schemaSlot])
  server.print = 'b'
  await after(checkMs)
  clock.advance(250)
  await turns()
  expect([catalog.print, events]).toEqual(['b', []])
})

test('while the catalog cannot be read nothing is news', async () => {
  const { catalog, events, after, clock } = rig()
  catalog.print = undefined
  await after(checkMs)
  clock.advance(250)
  await turns()
  expect([catalog.print, catalog.reads, events]).toEqual(['a', 1, []])
})

test('a look that took long comes less often', async () => {
  const { server, after } = rig()
  server.answersAfterMs = 50
  await after(checkMs)
  await after(4999)
  expect(server.asked).toBe(1)
  await after(1)
  expect(server.asked).toBe(2)
})

test('if no connection becomes idle for an interval, the next one is asked before it is lent', async () => {
  const { server, catalog, query, watch, events, after } = rig()
  server.idle = false
  server.print = 'b'
  await after(checkMs)
  await after(checkMs)
  expect(watch.isOverdue).toBe(false)
  await after(1)
  expect(watch.isOverdue).toBe(true)
  await watch.inspect(query)
  expect([catalog.print, events]).toEqual(['b', noticed])
  expect(watch.isOverdue).toBe(false)
})

test('an error has it looked at now, but no more than once a second', async () => {
  const { server, clock, watch } = rig()
  for (let i = 0; i < 10; i += 1) {
    watch.suspect()
    await turns()
    clock.advance(100)
  }
  expect(server.asked).toBe(1)
  watch.suspect()
  await turns()
  expect(server.asked).toBe(2)
})

test('a server that does not answer is asked again after the interval', async () => {
  const { server, events, watch, after } = rig()
  const refused: QueryOnConnection = () => Promise.reject(new Error('gone'))
  await watch.inspect(refused)
  await after(checkMs - 1)
  expect(server.asked).toBe(0)
  await after(1)
  expect([server.asked, events]).toEqual([1, []])
})

test('nothing is done after it was closed, whatever was under way', async () => {
  const { server, clock, catalog, events, authority, watch, after } = rig()
  server.print = 'b'
  await after(checkMs)
  watch.close()
  clock.advance(250)
  await after(10 * checkMs)
  expect([server.asked, catalog.reads, events, authority.lastTouch(2)]).toEqual([1, 0, [], 0])
  expect(watch.isOverdue).toBe(false)
})

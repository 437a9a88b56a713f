import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import type { MillraceEvent } from '../../src/contract/events.ts'
import { CatalogKeeper } from '../../src/knex/catalog-keeper.ts'
import type { QueryOnConnection } from '../../src/knex/catalog-keeper.ts'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { MemoryAuthority } from '../../src/stores/memory/memory-authority.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

test('while the catalog cannot be read, a write counts for every table, and it is told', async () => {
  const database = new Database(':memory:')
  database.exec('create table posts (id integer primary key, title text)')
  const query: QueryOnConnection = (sql) =>
    Promise.resolve(database.prepare(sql).all() as Record<string, unknown>[])
  const analyser = new StatementAnalyser('sqlite')
  const events: MillraceEvent[] = []
  const keeper = new CatalogKeeper({
    analyser,
    authority: new MemoryAuthority({ clock: new FakeClock(), slotCount: 16 }),
    schemaSlot: 1,
    borrow: (use) => use(query),
    connection: 'default',
    onEvent: (event) => events.push(event),
  })
  const written = (): unknown => analyser.footprint(`update posts set title = 'x'`)[0]?.writes

  await keeper.load(query)
  expect(written()).toEqual(new Set(['posts']))
  await keeper.reload(() => Promise.reject(new Error('gone')))
  expect(written()).toBe('everything')
  expect(events).toMatchObject([{ type: 'catalog-failed', connection: 'default' }])
  await keeper.refresh()
  expect(written()).toEqual(new Set(['posts']))
  database.close()
})

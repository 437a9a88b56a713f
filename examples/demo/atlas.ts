import type { DemoDatabase } from './open-database.ts'
import { zipf } from './zipf.ts'

/** How many of the most popular cities get direct updates, and are watched by the checker. */
const watchedCities = 200

/** What visitors ask for, popular things more often. */
export interface Atlas {
  city(): number
  country(): string
  region(): string
  /** Whether the checker watches this city. */
  isWatched(city: number): boolean
  /** A city that this worker, and no other, may update: so its versions need no agreement. */
  ownCity(): number
}

export async function openAtlas(DB: DemoDatabase, worker: number, workers: number): Promise<Atlas> {
  const cities = await DB.cities.orderBy('population', 'desc').orderBy('id').pluck('id')
  const watched = cities.slice(0, watchedCities)
  const own = watched.filter((_, rank) => rank % workers === worker)
  const watchedIds = new Set(watched)
  return {
    city: picker(cities),
    country: picker(await byPopulation(DB, 'country_code')),
    region: picker(await byPopulation(DB, 'region_id')),
    isWatched: (city) => watchedIds.has(city),
    ownCity: picker(own),
  }
}

async function byPopulation(
  DB: DemoDatabase,
  column: 'country_code' | 'region_id',
): Promise<string[]> {
  const rows = await DB.cities.groupBy(column).orderByRaw('sum(population) desc').select(column)
  return rows.map((row) => row[column])
}

function picker<Item>(items: readonly Item[]): () => Item {
  const rank = zipf(items.length)
  return () => items[rank()] as Item
}

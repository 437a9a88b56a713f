import type { Knex } from 'knex'
import type { Atlas } from './atlas.ts'
import type { DemoDatabase } from './open-database.ts'

/** A query that a page needs, and the city that the page is about, if it is about one. */
export interface Page {
  readonly query: Knex.QueryBuilder
  readonly city?: number
}

type PageMaker = (DB: DemoDatabase, atlas: Atlas) => Page

/** By key: a city's own page. */
const cityPage: PageMaker = (DB, atlas) => {
  const city = atlas.city()
  return {
    city,
    query: DB.cities.where({ id: city }).select('id', 'name', 'population', 'version'),
  }
}

/** A filtered list: the towns of a country that are worth a visit. */
const countryPage: PageMaker = (DB, atlas) => ({
  query: DB.cities
    .where({ country_code: atlas.country() })
    .where('population', '>', 10_000)
    .orderBy('population', 'desc')
    .limit(20)
    .select('id', 'name', 'population', 'version'),
})

/** A join over three tables: what people look at in a region. */
const regionPage: PageMaker = (DB, atlas) => ({
  query: DB.cities
    .join('regions', 'regions.id', 'cities.region_id')
    .join('countries', 'countries.code', 'regions.country_code')
    .where('regions.id', atlas.region())
    .orderBy('cities.views', 'desc')
    .orderBy('cities.population', 'desc')
    .limit(10)
    .select('cities.id', 'cities.name', 'cities.version', 'cities.views')
    .select('regions.seat', { country: 'countries.name' }),
})

/** An aggregate: a country in figures. */
const figuresPage: PageMaker = (DB, atlas) => ({
  query: DB.cities
    .where({ country_code: atlas.country() })
    .select('country_code')
    .count({ cities: '*' })
    .sum({ people: 'population', views: 'views' })
    .max({ largest: 'population' })
    .groupBy('country_code'),
})

/** An aggregate over everything: what the front page of such a site shows. */
const worldPage: PageMaker = (DB) => ({
  query: DB.cities
    .join('countries', 'countries.code', 'cities.country_code')
    .select({ country: 'countries.name' })
    .count({ cities: '*' })
    .sum({ people: 'population' })
    .groupBy('countries.code')
    .orderBy('people', 'desc')
    .limit(10),
})

/** Every kind of page, with its share of the traffic. */
const pages = {
  city: [0.45, cityPage],
  country: [0.25, countryPage],
  region: [0.14, regionPage],
  figures: [0.12, figuresPage],
  world: [0.04, worldPage],
} as const satisfies Record<string, readonly [share: number, page: PageMaker]>

export type PageKind = keyof typeof pages

export const pageKinds = Object.keys(pages) as readonly PageKind[]

/** A record with something for every kind of page. */
export function perPage<Value>(make: (kind: PageKind) => Value): Record<PageKind, Value> {
  return Object.fromEntries(pageKinds.map((kind) => [kind, make(kind)])) as Record<PageKind, Value>
}

/** What the next visitor asks for. */
export function nextPage(DB: DemoDatabase, atlas: Atlas): Page & { readonly kind: PageKind } {
  let left = Math.random()
  const kind = pageKinds.find((name) => (left -= pages[name][0]) < 0) ?? 'city'
  return { kind, ...pages[kind][1](DB, atlas) }
}

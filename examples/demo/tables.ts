/** A city. `views` is counted through the write buffer; `version` is raised by direct updates. */
export interface City {
  readonly id: number
  readonly name: string
  readonly country_code: string
  readonly region_id: string
  readonly population: number
  readonly views: number
  readonly version: number
}

/** A first administrative division of a country, known by its seat, such as Toulouse for Occitanie. */
export interface Region {
  readonly id: string
  readonly country_code: string
  readonly seat: string
}

export interface Country {
  readonly code: string
  readonly name: string
}

/** One line of the visit log; `id` is a nanoid that Millrace fills in. */
export interface Visit {
  readonly id: string
  readonly city_id: number
  readonly worker: number
  readonly visited_at: string
}

/** The demo's tables: with them a misspelt table or column is a compile error. */
export interface Tables {
  readonly cities: City
  readonly regions: Region
  readonly countries: Country
  readonly visits: Visit
}

/** A kind of cached result of which many are kept. */
export interface Sample {
  readonly title: string
  readonly rows: number
  readonly columns: readonly string[]
  /** How many entries are kept, and of them in a quick run. */
  readonly entries: number
  readonly quickEntries: number
}

/** Columns of the table `notes`, by what they hold. */
export const noteColumns = {
  id: 'integer',
  title: 'text, all different',
  views: 'integer',
  category: 'text, the same in one result',
  status: 'text, one of three',
  rating: 'number with a fraction',
  created_at: 'milliseconds',
  body: 'text, every third is null',
} as const

const everyColumn = Object.keys(noteColumns)

/** From the smallest result that is worth a cache to a page of a list. */
export const samples: readonly Sample[] = [
  { title: '1 row x 2', rows: 1, columns: ['id', 'title'], entries: 20_000, quickEntries: 4000 },
  { title: '1 row x 8', rows: 1, columns: everyColumn, entries: 20_000, quickEntries: 4000 },
  { title: '50 rows x 8', rows: 50, columns: everyColumn, entries: 2000, quickEntries: 400 },
  {
    title: '50 rows x 3, numbers',
    rows: 50,
    columns: ['id', 'rating', 'created_at'],
    entries: 2000,
    quickEntries: 400,
  },
]

const statuses = ['draft', 'published', 'archived']

/** A row of the table. */
export function noteOf(id: number): Readonly<Record<string, unknown>> {
  return {
    id,
    title: `A note with the number ${id}`,
    views: (id * 7919) % 10_000,
    category: `category ${Math.floor(id / 50)}`,
    status: statuses[id % statuses.length],
    rating: (id % 50) / 10 + 0.05,
    created_at: 1_700_000_000_000 + id * 60_000,
    body: id % 3 === 0 ? null : `Lorem ipsum dolor sit amet, consectetur ${id}`,
  }
}

/** The raw data of rows in bytes: a text its characters, one byte each or two beyond Latin-1, and anything else eight. */
export function rawBytes(rows: readonly Readonly<Record<string, unknown>>[]): number {
  let bytes = 0
  for (const row of rows) {
    for (const value of Object.values(row)) {
      bytes += typeof value === 'string' ? textBytes(value) : 8
    }
  }
  return bytes
}

function textBytes(text: string): number {
  return /[\u0100-\uffff]/.test(text) ? 2 * text.length : text.length
}

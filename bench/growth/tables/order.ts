/** What a contender is started with. */
export interface TablesOrder {
  readonly way: 'millrace' | 'knex'
  /** How many tables the query joins. */
  readonly tables: number
}

/** What is done with them. */
export const tableKinds = [
  { name: 'read', title: 'The query' },
  { name: 'write', title: 'UPDATE by key of one of its tables' },
] as const

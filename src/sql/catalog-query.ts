/** Runs SQL on the one connection that the catalog may use, and returns its rows. */
export type CatalogQuery = (sql: string) => Promise<readonly Record<string, unknown>[]>

/** A row of the catalog. */
export type CatalogRow = Record<string, unknown>

/** A column's text; empty for NULL. Some drivers give bytes for text. */
export function text(row: CatalogRow, column: string): string {
  const value = row[column]
  if (value === null || value === undefined) return ''
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : JSON.stringify(value)
}

/** A column's text, or undefined for NULL. */
export function optionalText(row: CatalogRow, column: string): string | undefined {
  const value = row[column]
  return value === null || value === undefined ? undefined : text(row, column)
}

/** A column's text in lower case: how names are compared. */
export function folded(row: CatalogRow, column: string): string {
  return text(row, column).toLowerCase()
}

/** A truth value, however the driver spells it. */
export function flag(row: CatalogRow, column: string): boolean {
  const value = text(row, column).toLowerCase()
  return value === 'true' || value === 't' || value === '1' || value === 'yes'
}

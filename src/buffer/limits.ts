import type { Dialect } from '../contract/dialect.ts'

/** Bounds of one statement. */
export interface StatementLimits {
  readonly rows: number
  readonly binds: number
  readonly bytes: number
}

/**
 * Bounds by dialect, below what each database takes: SQLite 32,766 binds (and a statement holds the event loop, hence few
 * rows), PostgreSQL 65,535 binds, MySQL's `max_allowed_packet`, which may be as small as 1 MB.
 */
export const statementLimits: Readonly<Record<Dialect, StatementLimits>> = {
  sqlite: { rows: 500, binds: 32_000, bytes: 4_000_000 },
  postgres: { rows: 5000, binds: 65_000, bytes: 8_000_000 },
  mysql: { rows: 1000, binds: 60_000, bytes: 900_000 },
}

/**
 * Cuts a list into consecutive pieces that keep within the limits; a single item that is too large is a piece of its own
 * (the database says whether it takes it).
 */
export function cut<T>(
  items: readonly T[],
  limits: StatementLimits,
  measure: (item: T) => { readonly binds: number; readonly bytes: number },
): T[][] {
  const pieces: T[][] = []
  let piece: T[] = []
  let binds = 0
  let bytes = 0
  for (const item of items) {
    const size = measure(item)
    const full =
      piece.length >= limits.rows ||
      binds + size.binds > limits.binds ||
      bytes + size.bytes > limits.bytes
    if (full && piece.length > 0) {
      pieces.push(piece)
      piece = []
      binds = 0
      bytes = 0
    }
    piece.push(item)
    binds += size.binds
    bytes += size.bytes
  }
  if (piece.length > 0) pieces.push(piece)
  return pieces
}

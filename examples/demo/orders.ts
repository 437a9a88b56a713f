import type { Evidence } from './evidence.ts'
import type { PageKind } from './pages.ts'
import type { ReaderName } from './readers.ts'
import type { Tally } from './tally.ts'

// What the primary and its workers say to each other, on the channel that Millrace uses too: each leaves the other's messages alone.

/** What the primary asks of a worker; each order is answered once. */
export type Order =
  | { readonly demo: 'serve'; readonly reader: ReaderName; readonly seconds: number }
  | { readonly demo: 'finish' }

export type Answer =
  | { readonly demo: 'ready' }
  | { readonly demo: 'served'; readonly report: RoundReport }
  | { readonly demo: 'finished'; readonly tally: Tally }

/** What one worker did in a round. */
export interface RoundReport extends Evidence {
  /** How long the reads took: the buckets of {@link Latencies}. */
  readonly latencies: Readonly<Record<PageKind, readonly number[]>>
  /** Reads that Millrace answered without a query. */
  readonly hits: number
}

/** Tells the demo's messages from others. */
export function isDemoMessage<Message extends Order | Answer>(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'demo' in value
}

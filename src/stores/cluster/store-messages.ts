import type { Mark, MarkRequest, Slot } from '../../contract/authority.ts'
import type { Message } from '../../contract/bus.ts'
import type {
  ClearSelection,
  Fill,
  LookupRequest,
  MissCause,
  StoreBypass,
  StoreStats,
  Ticket,
} from '../../contract/store.ts'
import { list, number, numbers, text, wordOf } from './message-fields.ts'
import { packProgram, readProgram } from './program-message.ts'

/** What workers say to the primary's store. */
export const topics = {
  open: 'store.open',
  lookup: 'store.lookup',
  fill: 'store.fill',
  abandon: 'store.abandon',
  mark: 'store.mark',
  settle: 'store.settle',
  settleLater: 'store.settle-later',
  lastTouch: 'store.last-touch',
  bump: 'store.bump',
  clear: 'store.clear',
  stats: 'store.stats',
} as const

/** A store's answer as it travels: bytes as base64 text. */
export type LookupAnswer =
  | { readonly kind: 'hit'; readonly text: string; readonly stamp: number }
  | { readonly kind: 'miss'; readonly ticket: Ticket; readonly cause: MissCause }
  | { readonly kind: 'bypass'; readonly reason: StoreBypass }

/** A fill as it travels. */
export type FillMessage = Omit<Fill, 'value'> & { readonly text: string }

const causes: Readonly<Record<MissCause, true>> = {
  absent: true,
  invalidated: true,
  expired: true,
  refresh: true,
}
const bypasses: Readonly<Record<StoreBypass, true>> = {
  pending: true,
  contended: true,
  'store-lost': true,
}

// Arrays without names, and `null` for Infinity: JSON has none, and these are the bulk of the traffic.

export function packLookup(request: LookupRequest): Message {
  const { key, program, watch, maxAgeMs, refresh } = request
  return [key, packProgram(program), watch, packLimit(maxAgeMs), refresh]
}

export function readLookup(message: Message): LookupRequest {
  const [key, program, watch, maxAgeMs, refresh] = list(message)
  return {
    key: text(key),
    program: readProgram(program),
    watch: number(watch),
    maxAgeMs: readLimit(maxAgeMs),
    refresh: refresh === true,
  }
}

export function packAnswer(answer: LookupAnswer): Message {
  if (answer.kind === 'hit') return [0, answer.text, answer.stamp]
  return answer.kind === 'miss' ? [1, packTicket(answer.ticket), answer.cause] : [2, answer.reason]
}

export function readAnswer(message: Message): LookupAnswer {
  const [kind, content, more] = list(message)
  if (kind === 0) return { kind: 'hit', text: text(content), stamp: number(more) }
  if (kind === 1) {
    return { kind: 'miss', ticket: readTicket(content ?? null), cause: wordOf(causes, more) }
  }
  return { kind: 'bypass', reason: wordOf(bypasses, content) }
}

export function packTicket(ticket: Ticket): readonly Message[] {
  return [ticket.id, ticket.key, ticket.stamp, ticket.epoch, ticket.watched]
}

export function readTicket(message: Message): Ticket {
  const [id, key, stamp, epoch, watched] = list(message)
  return {
    id: number(id),
    key: text(key),
    stamp: number(stamp),
    epoch: text(epoch),
    watched: number(watched),
  }
}

export function packFill(ticket: Ticket, fill: FillMessage): Message {
  const { text, bytes, program, tableSlots, tables, ttlMs } = fill
  return [
    packTicket(ticket),
    text,
    bytes,
    packProgram(program),
    tableSlots,
    tables,
    packLimit(ttlMs),
  ]
}

export function readFill(message: Message): {
  readonly ticket: Ticket
  readonly fill: FillMessage
} {
  const [ticket, body, bytes, program, tableSlots, tables, ttlMs] = list(message)
  return {
    ticket: readTicket(ticket ?? null),
    fill: {
      text: text(body),
      bytes: number(bytes),
      program: readProgram(program),
      tableSlots: numbers(tableSlots),
      tables: list(tables).map(text),
      ttlMs: readLimit(ttlMs),
    },
  }
}

export function packMarkRequest(request: MarkRequest): Message {
  return [request.slots, request.watch, packLimit(request.settleDelayMs)]
}

export function readMarkRequest(message: Message): MarkRequest {
  const [slots, watch, settleDelayMs] = list(message)
  return {
    slots: numbers(slots),
    watch: number(watch),
    settleDelayMs: readLimit(settleDelayMs),
  }
}

export function packMark(mark: Mark): Message {
  return [mark.id, mark.watched]
}

export function readMark(message: Message): Mark {
  const [id, watched] = list(message)
  return { id: number(id), watched: number(watched) }
}

export function packSettle(mark: Mark, touched: readonly Slot[]): Message {
  return [packMark(mark), touched]
}

export function readSettle(message: Message): { readonly mark: Mark; readonly touched: Slot[] } {
  const [mark, touched] = list(message)
  return { mark: readMark(mark ?? null), touched: numbers(touched) }
}

export function packClear(selection: ClearSelection): Message {
  return selection.kind === 'all' ? null : selection.tables
}

export function readClear(message: Message): ClearSelection {
  return message === null ? { kind: 'all' } : { kind: 'tables', tables: list(message).map(text) }
}

export function packStats(stats: StoreStats): Message {
  const { entries, bytes, evictions, expirations, refusedFills, kept, tables } = stats
  return [entries, bytes, evictions, expirations, refusedFills, kept, Object.entries(tables)]
}

export function readStats(message: Message): StoreStats {
  const [entries, bytes, evictions, expirations, refusedFills, kept, tables] = list(message)
  const pairs = list(tables).map((pair): [string, number] => {
    const [table, count] = list(pair)
    return [text(table), number(count)]
  })
  return {
    entries: number(entries),
    bytes: number(bytes),
    evictions: number(evictions),
    expirations: number(expirations),
    refusedFills: number(refusedFills),
    kept: number(kept),
    tables: Object.fromEntries(pairs),
  }
}

function packLimit(ms: number): Message {
  return ms === Infinity ? null : ms
}

function readLimit(message: Message | undefined): number {
  return message === null ? Infinity : number(message)
}

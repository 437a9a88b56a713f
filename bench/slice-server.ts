import { timedSlice, type SliceResult, type Slicer } from './slice.ts'

/** What a measured process is told. Its own name keeps it apart from other messages on the same channel: Millrace sends some too. */
export type BenchOrder =
  | { readonly bench: 'slice'; readonly kind: string; readonly sliceMs: number }
  | { readonly bench: 'close' }

/** What it answers: that it is there, with what it found out about itself, and a result for each slice. */
export type BenchAnswer =
  | { readonly bench: 'ready'; readonly findings: unknown }
  | { readonly bench: 'result'; readonly result: SliceResult }

/** Whether a message is one of these. */
export function isBenchMessage(message: unknown): message is BenchOrder | BenchAnswer {
  return typeof message === 'object' && message !== null && 'bench' in message
}

/** How slices are served. */
export interface SliceService {
  /** The call of each kind, with a number that goes up from call to call. */
  readonly kinds: Readonly<Record<string, (turn: number) => unknown>>
  close(): Promise<void>
  /** Is shown each answer of a kind, and throws where it is not what it should be. */
  readonly acceptOf?: (kind: string) => (answer: unknown) => void
  /** How a slice of a kind is taken. Default: every call is timed on its own. */
  readonly slicerOf?: (kind: string) => Slicer
  /** Makes ready for a slice of a kind. */
  readonly prepare?: (kind: string) => unknown
  /** Looks after each slice whether the calls did what they should; a rejection ends the process, and with it the run. */
  readonly inspect?: (kind: string) => unknown
  /** What the process has to tell before the first slice; plain JSON. */
  readonly findings?: unknown
}

/** The measured end: answers each order with a slice of calls of its kind, until it is told to close. */
export function serveSlices(service: SliceService): void {
  const {
    kinds,
    close,
    slicerOf = () => timedSlice,
    acceptOf,
    prepare,
    inspect,
    findings,
  } = service
  let turn = 0
  process.on('message', (message: unknown) => {
    if (!isBenchMessage(message)) return
    void (async () => {
      if (message.bench === 'close') {
        await close()
        process.disconnect()
      }
      if (message.bench !== 'slice') return
      const run = kinds[message.kind]
      if (run === undefined) throw new Error(`There is no kind ${message.kind}.`)
      await prepare?.(message.kind)
      const slice = slicerOf(message.kind)
      const result = await slice(() => run(turn++), message.sliceMs, acceptOf?.(message.kind))
      await inspect?.(message.kind)
      send({ bench: 'result', result })
    })()
  })
  send({ bench: 'ready', findings: findings ?? null })
}

function send(answer: BenchAnswer): void {
  process.send?.(answer)
}

import { resolve } from 'node:path'
import { MillraceError } from '../base/errors.ts'
import { systemClock } from '../base/clock.ts'
import { journalExists, openJournal } from '../buffer/journal/open-journal.ts'
import type { BufferPort } from '../contract/buffer-port.ts'
import { RemoteBuffer } from '../buffer/remote/remote-buffer.ts'
import { serveBuffer } from '../buffer/remote/serve-buffer.ts'
import { drainOnSignal } from '../buffer/signals.ts'
import { TableBuffer } from '../buffer/table-buffer.ts'
import { WriteBuffer } from '../buffer/write-buffer.ts'
import type { Codec } from '../contract/codec.ts'
import type { EventSink } from '../contract/events.ts'
import type { BufferControl } from '../database/controls.ts'
import type { NanoidColumns } from '../database/nanoid-columns.ts'
import type { TappedConnection } from '../knex/tapped-connection.ts'
import type { ResolvedBuffer } from '../options/resolved-options.ts'
import type { SharedState } from './shared-state.ts'

/** The write buffer as this process has it: its own, the primary's, or none. */
export interface BufferParts {
  readonly control: BufferControl
  /** `DB.<table>.buffer`. */
  table(connection: string, table: string): TableBuffer
  /** Takes up what an earlier life left in the journal. */
  open(): Promise<void>
  /** Drains within the time limit and closes the journal; what is left waits in it. */
  close(): Promise<void>
}

/** Wires the buffer: the owner of the shared state owns the journal too, and serves it to its workers. */
export function createBufferParts(parts: {
  /** `undefined`: switched off. */
  readonly options: ResolvedBuffer | undefined
  readonly connections: ReadonlyMap<string, TappedConnection>
  readonly shared: SharedState
  readonly codec: Codec
  readonly nanoid: NanoidColumns
  readonly onEvent: EventSink
}): BufferParts {
  const { options, shared, codec, nanoid } = parts
  if (options === undefined) return switchedOff()
  const front = (port: BufferPort) => (connection: string, table: string) =>
    new TableBuffer(
      {
        port,
        connection,
        fill: (name, row) => nanoid.fill(name, row),
        onMissing: options.onMissing,
      },
      table,
    )
  if (shared.bus !== undefined) {
    const port = new RemoteBuffer({ bus: shared.bus, codec })
    const nothing = (): Promise<void> => Promise.resolve()
    return { control: controlOf(port), table: front(port), open: nothing, close: nothing }
  }
  let removeListeners = (): void => undefined
  const buffer = ownBuffer(options, parts, () => {
    removeListeners = drainOnSignal({
      process,
      drain: () => buffer.close(),
      flush: () => buffer.flush(),
    })
  })
  if (shared.hub !== undefined) serveBuffer(shared.hub, buffer, codec)
  return {
    control: controlOf(buffer),
    table: front(buffer),
    open: () => buffer.open(),
    close: async () => {
      await buffer.close()
      removeListeners()
    },
  }
}

function ownBuffer(
  options: ResolvedBuffer,
  {
    connections,
    codec,
    onEvent,
  }: Pick<Parameters<typeof createBufferParts>[0], 'connections' | 'codec' | 'onEvent'>,
  /** Called once the journal is open: the buffer is in use. */
  onUse: () => void,
): WriteBuffer {
  const directory = resolve(options.journal)
  return new WriteBuffer({
    targets: new Map(Array.from(connections, ([name, connection]) => [name, connection.target()])),
    openJournal: async () => {
      const journal = await openJournal({ directory })
      onUse()
      return journal
    },
    journalExists: () => journalExists(directory),
    codec,
    clock: systemClock,
    settings: options,
    onEvent,
  })
}

function controlOf(port: BufferPort): BufferControl {
  return {
    flush: (connection, table) => port.flush(connection, table),
    stats: () => port.stats(),
    deadLetters: {
      list: () => port.deadLetters(),
      retry: (id) => port.retryDeadLetter(id),
      discard: (id) => port.discardDeadLetter(id),
    },
  }
}

function switchedOff(): BufferParts {
  const refuse = (): never => {
    throw new MillraceError('MILLRACE_BUFFER_OFF', 'The write buffer is switched off.', {
      remedy: 'Open Millrace without buffer: false.',
    })
  }
  const reject = async (): Promise<never> => refuse()
  const nothing = (): Promise<void> => Promise.resolve()
  return {
    control: {
      flush: reject,
      stats: reject,
      deadLetters: { list: reject, retry: reject, discard: reject },
    },
    table: refuse,
    open: nothing,
    close: nothing,
  }
}

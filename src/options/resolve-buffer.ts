import {
  invalidOption,
  readDuration,
  readInteger,
  readObject,
  readText,
  readWord,
  refuseUnknown,
} from './option-reader.ts'
import type { ResolvedBuffer } from './resolved-options.ts'

const names = [
  'ack',
  'journal',
  'flushInterval',
  'maxBatch',
  'maxPending',
  'drainTimeout',
  'overflow',
  'onMissing',
] as const

/** Reads `buffer`; `undefined` if it is switched off. */
export function resolveBuffer(value: unknown): ResolvedBuffer | undefined {
  if (value === false) return undefined
  const options =
    value === undefined || value === true
      ? {}
      : readObject(value, 'buffer', 'Give false, or an object such as { flushInterval: 1000 }.')
  refuseUnknown(options, 'buffer', names)
  refuseLater(options, 'overflow', 'sync')
  return {
    ack: readWord(options['ack'], 'buffer.ack', ['disk', 'memory', 'process', 'store']),
    journal: readText(options['journal'], 'buffer.journal', './.millrace'),
    flushIntervalMs: readDuration(options['flushInterval'], 'ms', 'buffer.flushInterval', 5000),
    maxBatch: readInteger(options['maxBatch'], 'buffer.maxBatch', { min: 1 }, 1000),
    maxPending: readInteger(options['maxPending'], 'buffer.maxPending', { min: 1 }, 10_000),
    drainTimeoutMs: readDuration(options['drainTimeout'], 'ms', 'buffer.drainTimeout', 30_000),
    overflow: readWord(options['overflow'], 'buffer.overflow', ['block', 'reject']),
    onMissing: readWord(options['onMissing'], 'buffer.onMissing', ['ignore', 'dead', 'insert']),
  }
}

/** A value that is documented, but that no store or journal of this version reaches. */
function refuseLater(options: Record<string, unknown>, name: string, value: string): void {
  if (options[name] !== value) return
  throw invalidOption(
    `buffer.${name}`,
    `is '${value}', which is not there yet in this version`,
    'Leave it out, or give another.',
  )
}

import { MillraceError } from '../base/errors.ts'
import type { Codec } from '../contract/codec.ts'
import type { Row } from '../contract/target.ts'
import type { Operation, WriteOperation } from './operation.ts'
import type { OnMissing } from '../contract/buffer-port.ts'

/** The version of the bytes below; a reader refuses every other. */
const formatVersion = 1

/** What the bytes of a journal turn say. */
export interface Turn {
  /** The identity of the database that the writes were accepted for. */
  readonly identity: string
  readonly operations: readonly Operation[]
}

/** The bytes of one turn: `[version, identity, operation, ...]`, each operation an array that starts with its kind. */
export function encodeTurn(codec: Codec, turn: Turn): Uint8Array {
  return codec.encode([formatVersion, turn.identity, ...turn.operations.map(pack)])
}

/** Reads {@link encodeTurn}'s bytes. Throws `MILLRACE_JOURNAL_UNREADABLE` for anything else. */
export function decodeTurn(codec: Codec, bytes: Uint8Array): Turn {
  const value = codec.decode(bytes)
  if (!Array.isArray(value) || value[0] !== formatVersion || typeof value[1] !== 'string') {
    throw unreadable()
  }
  return { identity: value[1], operations: value.slice(2).map(unpack) }
}

/** The bytes of one write, as a dead letter keeps them. */
export function encodeOperation(codec: Codec, operation: WriteOperation): Uint8Array {
  return codec.encode([formatVersion, pack(operation)])
}

/** Reads {@link encodeOperation}'s bytes. */
export function decodeOperation(codec: Codec, bytes: Uint8Array): WriteOperation {
  const value = codec.decode(bytes)
  if (!Array.isArray(value) || value[0] !== formatVersion) throw unreadable()
  const operation = unpack(value[1])
  if (operation.kind === 'retry') throw unreadable()
  return operation
}

function pack(operation: Operation): readonly unknown[] {
  switch (operation.kind) {
    case 'insert':
      return ['insert', operation.table, operation.row]
    case 'update': {
      const { table, key, set, onMissing } = operation
      return ['update', table, key.columns, key.values, set, onMissing]
    }
    case 'increment': {
      const { table, key, column, by, onMissing } = operation
      return ['increment', table, key.columns, key.values, column, by, onMissing]
    }
    case 'delete':
      return ['delete', operation.table, operation.key.columns, operation.key.values]
    case 'retry':
      return ['retry', operation.table, operation.letter, pack(operation.of)]
  }
}

function unpack(value: unknown): Operation {
  if (!Array.isArray(value)) throw unreadable()
  const [kind, table, ...rest] = value as [unknown, string, ...unknown[]]
  switch (kind) {
    case 'insert':
      return { kind, table, row: rest[0] as Row }
    case 'update':
      return { kind, table, key: keyOf(rest), set: rest[2] as Row, onMissing: rest[3] as OnMissing }
    case 'increment':
      return {
        kind,
        table,
        key: keyOf(rest),
        column: rest[2] as string,
        by: rest[3] as number | bigint,
        onMissing: rest[4] as OnMissing,
      }
    case 'delete':
      return { kind, table, key: keyOf(rest) }
    case 'retry': {
      const of = unpack(rest[1])
      if (of.kind === 'retry') throw unreadable()
      return { kind, table, letter: rest[0] as string, of }
    }
    default:
      throw unreadable()
  }
}

function keyOf(rest: readonly unknown[]): {
  columns: readonly string[]
  values: readonly unknown[]
} {
  return { columns: rest[0] as readonly string[], values: rest[1] as readonly unknown[] }
}

function unreadable(): MillraceError {
  return new MillraceError(
    'MILLRACE_JOURNAL_UNREADABLE',
    'The journal holds writes in a form that this version does not know.',
    { remedy: 'Open it with the version that wrote it.' },
  )
}

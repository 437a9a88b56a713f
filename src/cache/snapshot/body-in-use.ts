import type { ColumnarRows } from '../../contract/snapshot.ts'
import type { FrozenForms } from './frozen-forms.ts'
import type { RowBuilder } from './row-builder.ts'

/**
 * A body with what this process has made of it to serve hits. Kept on the body because that is found without a lookup, and goes when the
 * body goes; not enumerable, so that whoever encodes, lists or compares the body sees nothing of it.
 */
export interface BodyInUse extends ColumnarRows {
  readonly builder?: RowBuilder
  readonly frozen?: FrozenForms
}

/** Keeps something with a body; on a body that takes no more properties it is forgotten, and made again by the next hit. */
export function keepWith<K extends 'builder' | 'frozen'>(
  body: BodyInUse,
  name: K,
  value: NonNullable<BodyInUse[K]>,
): void {
  Reflect.defineProperty(body, name, { value })
}

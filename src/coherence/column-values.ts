import type { Answer, ColumnImage, KeyColumn, ValueSource } from '../contract/rows.ts'

/** The canonical form of a value; null stands for NULL. */
export type Form = string | null

/** A write with more values than this in one column touches `T.c?` instead: marks and touches stay small. */
const maxForms = 256

/** The canonical forms of a column's values in the rows that a write touched. Only grows. */
export class ColumnValues {
  readonly #forms = new Set<Form>()
  #unknown = false

  /** There are values that are not known. */
  get unknown(): boolean {
    return this.#unknown
  }

  /** The known ones; without meaning where there are unknown ones too. */
  get forms(): ReadonlySet<Form> {
    return this.#forms
  }

  /** Adds values; `undefined`: some that are not known. */
  add(forms: Iterable<Form> | undefined): this {
    if (forms === undefined) this.#unknown = true
    else for (const form of forms) this.#forms.add(form)
    if (this.#forms.size > maxForms) this.#unknown = true
    if (this.#unknown) this.#forms.clear()
    return this
  }

  addAll(other: ColumnValues): this {
    return this.add(other.#unknown ? undefined : other.#forms)
  }
}

/**
 * The canonical forms of a column's values, old and new, in the rows that a statement touches; they may repeat. `undefined` if some are
 * not known. Without an answer, what only it could tell is not known.
 */
export function formsOf(
  image: ColumnImage,
  bindings: readonly unknown[],
  answer: Answer | undefined,
): readonly Form[] | undefined {
  const { column, values, rest, nullIsUnknown = false } = image
  if (rest === 'unknown') return undefined
  const told = rest === undefined ? undefined : answer?.[rest]
  if (rest !== undefined && told === undefined) return undefined
  const forms: Form[] = []
  for (const source of values) {
    const value = valueOf(source, bindings)
    if (value === null && nullIsUnknown) {
      if (told === undefined) return undefined // the database makes a value, and does not tell
    } else if (!note(column, value, forms)) return undefined
  }
  if (told !== undefined) {
    for (const value of told) if (!note(column, value, forms)) return undefined
  }
  return forms
}

/** Not one value, or none that is known. */
export const several: unique symbol = Symbol('several')

/** The value of a column in the rows that a statement touches where that is one value at most; else {@link formsOf} tells more. */
export function soleValueOf(
  image: ColumnImage,
  bindings: readonly unknown[],
  answer: Answer | undefined,
): unknown {
  const { values, rest, nullIsUnknown = false } = image
  const [source] = values
  if (rest === undefined) {
    if (source === undefined || values.length > 1) return several
    const value = valueOf(source, bindings)
    return value === null && nullIsUnknown ? several : value
  }
  const told = rest === 'unknown' || source !== undefined ? undefined : answer?.[rest]
  return told?.length === 1 ? told[0] : several
}

/** Adds a value's form; false if there is none, or if they are too many. */
function note(column: KeyColumn, value: unknown, forms: Form[]): boolean {
  const form = value === null ? null : column.canonical(value)
  return form !== undefined && forms.push(form) <= maxForms
}

/** The value behind a source; `undefined` where the statement has no such binding. */
export function valueOf(source: ValueSource, bindings: readonly unknown[]): unknown {
  switch (source.from) {
    case 'binding':
      return bindings[source.index]
    case 'literal':
      return source.value
    case 'null':
      return null
  }
}

import type { Slot } from '../contract/authority.ts'
import type { InvalidationPrecision } from '../contract/cache-stats.ts'
import type { Footprint } from '../contract/footprint.ts'
import type { Answer, ColumnImage } from '../contract/rows.ts'
import { formsOf, several, soleValueOf } from './column-values.ts'
import type { Form } from './column-values.ts'
import type { ColumnTags, TagSpace } from './tag-space.ts'

/** A key column of a table whose rows are known. */
interface PlannedColumn {
  readonly image: ColumnImage
  readonly tags: ColumnTags
}

/** A table whose rows are known. */
interface PlannedTable {
  readonly unknownRows: Slot
  readonly columns: readonly PlannedColumn[]
}

/** What a planned write touches. */
export interface PlannedTouch {
  /** They may repeat. */
  readonly slots: readonly Slot[]
  readonly precision: InvalidationPrecision
}

/**
 * The slots of a text that is one plain write, worked out once: those that never change, and the columns whose values the bindings and
 * the answer tell. For all others there is {@link Touched}, which says the same of any number of statements.
 */
export class WritePlan {
  readonly #fixed: readonly Slot[]
  /** Where slots are gathered: the fixed ones stay in front. What is handed out is a copy, no larger than it has to be. */
  readonly #room: Slot[]
  readonly #tables: readonly PlannedTable[]
  /** Where it does not depend on the columns. */
  readonly #precision: InvalidationPrecision | undefined
  /** Whether an answer tells more than the bindings. */
  readonly heedsAnswer: boolean

  private constructor(
    fixed: readonly Slot[],
    tables: readonly PlannedTable[],
    precision: InvalidationPrecision | undefined,
  ) {
    this.#fixed = fixed
    this.#room = [...fixed]
    this.#tables = tables
    this.#precision = precision
    this.heedsAnswer = tables.some(({ columns }) =>
      columns.some(({ image }) => typeof image.rest === 'number'),
    )
  }

  /** The plan of a text; undefined if it does anything beside changing rows of known tables. */
  static of(footprint: Footprint, tags: TagSpace): WritePlan | undefined {
    const [statement, ...others] = footprint
    if (statement === undefined || others.length > 0) return undefined
    const { writes, changes, control, changesSchema, commitsImplicitly, altersSession } = statement
    if (control !== undefined || changesSchema || commitsImplicitly || altersSession)
      return undefined
    if (writes === 'everything' || writes.size === 0) return undefined
    const fixed: Slot[] = [tags.any]
    const known: PlannedTable[] = []
    let precision: InvalidationPrecision | undefined
    for (const name of writes) {
      const table = tags.table(name)
      fixed.push(table.whole)
      const change = changes.find((one) => one.table === name)
      if (change === undefined) {
        fixed.push(table.unknownRows)
        precision = 'table'
      } else {
        const columns = change.columns.map((image) => ({
          image,
          tags: table.column(image.column.name),
        }))
        known.push({ unknownRows: table.unknownRows, columns })
      }
    }
    return new WritePlan(fixed, known, precision)
  }

  /** What the write may touch without an answer, and did touch with one. */
  touch(bindings: readonly unknown[], answer: Answer | undefined): PlannedTouch {
    const slots = this.#room
    while (slots.length > this.#fixed.length) slots.pop()
    let precision = this.#precision ?? 'value'
    for (const { columns } of this.#tables) {
      let unknown = 0
      for (const { image, tags } of columns) {
        if (!addValues(slots, image, tags, bindings, answer)) unknown += 1
      }
      if (unknown === columns.length) precision = 'table'
      else if (unknown > 0 && precision === 'value') precision = 'column'
    }
    return { slots: slots.slice(), precision }
  }

  /**
   * Adds the slots that are not among those marked, nor need a mark of their own beside those: who reads by a value of a column
   * consults `T.c?` and `T?` too, and is held back by their marks.
   */
  addMissing(
    slots: Slot[],
    marked: ReadonlySet<Slot>,
    bindings: readonly unknown[],
    answer: Answer | undefined,
  ): void {
    for (const slot of this.#fixed) if (!marked.has(slot)) slots.push(slot)
    for (const { unknownRows, columns } of this.#tables) {
      if (marked.has(unknownRows)) continue
      for (const { image, tags } of columns) {
        if (marked.has(tags.unknown)) continue
        const forms = formsOf(image, bindings, answer)
        if (forms === undefined) slots.push(tags.unknown)
        else {
          for (const form of forms) {
            const slot = form === null ? tags.none : tags.value(form)
            if (!marked.has(slot)) slots.push(slot)
          }
        }
      }
    }
  }
}

/** Adds the slots of a column's values. Returns false if it is not known. */
function addValues(
  slots: Slot[],
  image: ColumnImage,
  tags: ColumnTags,
  bindings: readonly unknown[],
  answer: Answer | undefined,
): boolean {
  const sole = soleValueOf(image, bindings, answer)
  if (sole !== several)
    return addForm(slots, tags, sole === null ? null : image.column.canonical(sole))
  const forms = formsOf(image, bindings, answer)
  if (forms === undefined) return addForm(slots, tags, undefined)
  for (const form of forms) addForm(slots, tags, form)
  return true
}

function addForm(slots: Slot[], tags: ColumnTags, form: Form | undefined): boolean {
  if (form === undefined) slots.push(tags.unknown)
  else slots.push(form === null ? tags.none : tags.value(form))
  return form !== undefined
}

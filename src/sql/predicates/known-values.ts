import type { ValueSource } from '../../contract/rows.ts'
import type { Select } from './query-tree.ts'
import type { ResolvedCondition, SourceColumn } from './resolved-condition.ts'
import type { Restriction } from './restriction.ts'

/** Equations are followed this far. */
const maxHops = 5

/** A column and the values among which it is in every row that makes a difference. */
export interface KnownColumn {
  readonly of: SourceColumn
  readonly values: readonly ValueSource[]
}

/**
 * What equations between columns say of a SELECT's sources, beyond what each condition says by itself: where `a.x = b.y` and `b.y = 7`,
 * only rows of `a` with x = 7 make a difference.
 *
 * Both must be terms of ANDs, `a.x = b.y` in a condition that restricts `a`, `b.y = 7` in one that restricts `b`, not necessarily the same.
 * Let r be a row of `a` with another x. Where the equation is asked, r meets only rows s of `b` with s.y = r.x, not 7. So whether r is
 * there or not shows only in joined rows with such an s (and where r is a LEFT JOIN's match: in s's row without one). If `b.y = 7` was
 * asked before, further down, there is no s. If it is asked later, these rows are dropped then, and so are those in which an outer join
 * between put NULLs in the place of `b`, for it is not TRUE of NULL either.
 *
 * The same holds if `b` is a source of a query around this one, and r a row that a subquery reads: the subquery's result differs only
 * where the query around it stands at s, in a row that is dropped there.
 *
 * Values pass only between columns with the same canonical forms: what is equal to an equal has the same form, or none.
 */
export class KnownValues {
  readonly #restrictions: (select: Select) => readonly Restriction[]
  readonly #known: Map<Select, readonly KnownColumn[]> = new Map<Select, readonly KnownColumn[]>()

  constructor(restrictions: (select: Select) => readonly Restriction[]) {
    this.#restrictions = restrictions
  }

  /** The columns of a SELECT's sources whose values are known. */
  of(select: Select): readonly KnownColumn[] {
    let known = this.#known.get(select)
    if (known === undefined) {
      known = this.#find(select)
      this.#known.set(select, known)
    }
    return known
  }

  #find(select: Select): KnownColumn[] {
    const known = new Map<string, KnownColumn>()
    const equations: Equation[] = []
    for (const { condition, restricts } of this.#restrictions(select)) {
      const own = ({ select: of, source }: SourceColumn): boolean =>
        of === select && source >= restricts.first && source < restricts.end
      for (const term of terms(condition)) {
        if (term.op === 'equals' && own(term.of)) learn(known, term)
        if (term.op !== 'same') continue
        if (own(term.left)) equations.push({ of: term.left, from: term.right })
        if (own(term.right)) equations.push({ of: term.right, from: term.left })
      }
    }
    for (let hop = 0; hop < maxHops && equations.length > 0; hop += 1) {
      let learned = false
      for (const { of, from } of equations) {
        const values =
          from.select === select ? known.get(keyOf(from))?.values : this.#outside(from)?.values
        if (values !== undefined && learn(known, { of, values })) learned = true
      }
      if (!learned) break
    }
    return [...known.values()]
  }

  #outside(column: SourceColumn): KnownColumn | undefined {
    return this.of(column.select).find((each) => keyOf(each.of) === keyOf(column))
  }
}

interface Equation {
  readonly of: SourceColumn
  readonly from: SourceColumn
}

/** Keeps the shorter list. */
function learn(known: Map<string, KnownColumn>, { of, values }: KnownColumn): boolean {
  const key = keyOf(of)
  const before = known.get(key)
  if (before !== undefined && before.values.length <= values.length) return false
  known.set(key, { of, values })
  return true
}

function keyOf({ source, column }: SourceColumn): string {
  return `${source} ${column.name}`
}

/** What a condition is an AND of. */
function terms(condition: ResolvedCondition): readonly ResolvedCondition[] {
  return condition.op === 'and' ? condition.parts.flatMap(terms) : [condition]
}

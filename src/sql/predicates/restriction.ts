import type { ColumnResolver, ResolvedCondition } from './resolved-condition.ts'
import { allSources, type JoinTree, type Select, type SourceRange } from './query-tree.ts'

/**
 * A condition of a SELECT, and the sources of which it says what their rows must be like. For each of these sources: a row for which the
 * condition cannot be TRUE, whatever rows the other sources put beside it, makes no difference to what the SELECT goes on with.
 */
export interface Restriction {
  readonly condition: ResolvedCondition
  readonly restricts: SourceRange
  /**
   * Sources that may have a row of NULLs where the condition is asked. Such a row comes into being when the source's own rows do not
   * fit, so `is null` must not count as something that only certain rows satisfy.
   */
  readonly nullable: ReadonlySet<number>
}

/**
 * The restrictions of a SELECT:
 * - WHERE, for all its sources. A row r of a source that fails it: joined rows with r are dropped. Others can only appear or vanish with r
 *   if an outer join fills up r's place with NULLs. In those no atom about the source is TRUE, so WHERE, which is made of AND, OR and
 *   atoms, cannot be TRUE either.
 * - ON of an inner join, for the sources on both its sides, by the same argument one level deeper.
 * - ON of LEFT JOIN, for the sources on the right: a row that never matches is as good as none. On the left rows stay without a match.
 *   RIGHT JOIN: the other way round. FULL JOIN: for none.
 * - HAVING for none: groups are made of all rows.
 */
export function restrictionsOf(select: Select, resolver: ColumnResolver): Restriction[] {
  const found: Restriction[] = []
  const nullable =
    select.from === undefined ? new Set<number>() : joins(select.from, select, resolver, found)
  if (select.where !== undefined)
    found.push({
      condition: resolver.condition(select.where, select, allSources),
      restricts: allSources,
      nullable,
    })
  return found
}

/** Collects what the joins of a tree restrict. Returns the sources that may come out of the tree as NULLs. */
function joins(
  tree: JoinTree,
  select: Select,
  resolver: ColumnResolver,
  found: Restriction[],
): ReadonlySet<number> {
  if (tree.kind === 'source') return new Set()
  const left = joins(tree.left, select, resolver, found)
  const right = joins(tree.right, select, resolver, found)
  const condition = conditionOf(tree, select, resolver)
  switch (tree.kind) {
    case 'inner': {
      const nullable = new Set([...left, ...right])
      found.push({ condition, restricts: tree, nullable })
      return nullable
    }
    case 'left':
      found.push({ condition, restricts: tree.right, nullable: right })
      return new Set([...left, ...places(tree.right)])
    case 'right':
      found.push({ condition, restricts: tree.left, nullable: left })
      return new Set([...places(tree.left), ...right])
    case 'full':
      return new Set(places(tree))
  }
}

function places({ first, end }: SourceRange): number[] {
  return Array.from({ length: end - first }, (_, index) => first + index)
}

function conditionOf(
  tree: Exclude<JoinTree, { kind: 'source' }>,
  select: Select,
  resolver: ColumnResolver,
): ResolvedCondition {
  const parts: ResolvedCondition[] = []
  if (tree.on !== undefined) parts.push(resolver.condition(tree.on, select, tree))
  for (const column of tree.using) parts.push(resolver.using(column, select, tree.left, tree.right))
  return { op: 'and', parts }
}

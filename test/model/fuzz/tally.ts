/** What became of some writes, or of the results of some queries. */
export interface Counts {
  writes: number
  failed: number
  /** Results compared after a write. */
  pairs: number
  /** Results that were other than before the write. */
  changed: number
  /** Cached results that were not those of the database. */
  missed: number
  /** Results that were as before, of queries on a table that the write may have written. */
  unaffected: number
  /** Those of them that were still answered from the cache. */
  kept: number
}

const zero = (): Counts => ({
  ...{ writes: 0, failed: 0, pairs: 0, changed: 0, missed: 0, unaffected: 0, kept: 0 },
})

/** Counts of a run, in all and by kind of write and of query. */
export class Tally {
  readonly all: Counts = zero()
  readonly byWrite: Map<string, Counts> = new Map<string, Counts>()
  readonly byQuery: Map<string, Counts> = new Map<string, Counts>()
  episodes = 0
  /** Queries that the database refused from the start. */
  refused = 0
  /** Queries of which Millrace knows not what they depend on, or that it does not cache. */
  unknown = 0

  write(kind: string, failed: boolean): void {
    for (const counts of [this.all, of(this.byWrite, kind)]) {
      counts.writes += 1
      if (failed) counts.failed += 1
    }
  }

  /** One result after one write. */
  pair(
    write: string,
    query: string,
    outcome: { changed: boolean; touched: boolean; hit: boolean },
  ): void {
    for (const counts of [this.all, of(this.byWrite, write), of(this.byQuery, query)]) {
      counts.pairs += 1
      if (outcome.changed) counts.changed += 1
      else if (outcome.touched) {
        counts.unaffected += 1
        if (outcome.hit) counts.kept += 1
      }
    }
  }

  missed(write: string, query: string): void {
    for (const counts of [this.all, of(this.byWrite, write), of(this.byQuery, query)])
      counts.missed += 1
  }

  /** One line. */
  summary(): string {
    const { pairs, changed, missed, unaffected, kept, writes, failed } = this.all
    return (
      `episodes=${this.episodes} pairs=${pairs} changed=${changed} missed=${missed} ` +
      `unaffected=${unaffected} kept=${kept} (${percent(kept, unaffected)}) ` +
      `writes=${writes} failed=${percent(failed, writes)} refused=${this.refused} unknown=${this.unknown}`
    )
  }

  /** Two tables. */
  tables(): string {
    return [table('write', this.byWrite), table('query', this.byQuery)].join('\n\n')
  }
}

function of(map: Map<string, Counts>, kind: string): Counts {
  let counts = map.get(kind)
  if (counts === undefined) {
    counts = zero()
    map.set(kind, counts)
  }
  return counts
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)}%`
}

function table(title: string, map: ReadonlyMap<string, Counts>): string {
  const lines = [['', 'writes', 'failed', 'pairs', 'changed', 'missed', 'unaffected', 'kept']]
  for (const [kind, counts] of [...map].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { writes, failed, pairs, changed, missed, unaffected, kept } = counts
    lines.push([
      kind,
      ...[String(writes), percent(failed, writes), String(pairs), percent(changed, pairs)],
      ...[String(missed), String(unaffected), percent(kept, unaffected)],
    ])
  }
  const [head = [], ...rest] = lines
  return [[`by ${title}`, ...head.slice(1)], ...rest]
    .map((cells) =>
      cells.map((cell, i) => (i === 0 ? cell.padEnd(22) : cell.padStart(11))).join(''),
    )
    .join('\n')
}

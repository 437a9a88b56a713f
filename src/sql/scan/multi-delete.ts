import type { Effects } from '../effects.ts'

interface Source {
  readonly table: string
  readonly alias: string
}

/** MySQL's DELETE over several tables: targets are names or aliases of the tables that it joins. */
export class MultiDelete {
  readonly #targets: string[] = []
  readonly #sources: Source[] = []

  addTarget(name: string): void {
    this.#targets.push(name)
  }

  addSource(table: string, alias: string | undefined): void {
    this.#sources.push({ table, alias: alias ?? table })
  }

  /** Tells the effects which tables lose rows: all sources, where a target fits none of them. */
  resolve(effects: Effects): void {
    for (const target of this.#targets) {
      const fitting = this.#sources.filter((source) => source.alias === target)
      if (fitting.length === 0) effects.change(target, 'delete')
      for (const source of fitting.length > 0 ? fitting : this.#sources)
        effects.change(source.table, 'delete')
    }
    for (const source of this.#sources) effects.reads.add(source.table)
  }
}

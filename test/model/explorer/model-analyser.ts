import type { Dialect } from '../../../src/contract/dialect.ts'
import type { QueryOnConnection } from '../../../src/knex/catalog-keeper.ts'
import { StatementAnalyser } from '../../../src/sql/analyser.ts'
import type { Catalog } from './effect.ts'

/** The question by which the model's catalog is read. */
export const describe = 'describe'

/** The analyser with another way to read a catalog; as it does, it keeps the one whose reading began last. */
export class ModelAnalyser extends StatementAnalyser {
  readonly #learn: (catalog: Catalog) => void
  #begun = 0
  #newest = 0

  constructor(dialect: Dialect, learn: (catalog: Catalog) => void) {
    super(dialect)
    this.#learn = learn
  }

  override async load(query: QueryOnConnection): Promise<void> {
    const turn = ++this.#begun
    const [row] = await query(describe)
    if (turn < this.#newest) return
    this.#newest = turn
    this.#learn(row?.['catalog'] as Catalog)
  }
}

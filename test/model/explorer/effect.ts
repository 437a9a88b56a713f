import type { Answer } from '../../../src/contract/rows.ts'

/** What a statement does to the rows. A row stands for whatever can change as one; its value is a version that only grows. */
export type Effect =
  /** `replica`: from a copy that lags behind. */
  | { readonly do: 'select'; readonly rows: readonly string[]; readonly replica?: boolean }
  | {
      readonly do: 'write'
      readonly table: string
      readonly rows: readonly string[]
      /** What the statement tells of the changed rows, if it was asked. */
      readonly answer?: Answer
      /** Refused: `whole` changes nothing, `part` keeps its work (as far as there is no transaction), `transaction` ends its transaction. */
      readonly refused?: 'whole' | 'part' | 'transaction'
    }
  /** `snapshot`: repeatable read, as of the transaction's first statement. */
  | { readonly do: 'begin'; readonly snapshot?: boolean }
  | { readonly do: 'commit' | 'rollback' }
  | { readonly do: 'savepoint' | 'release' | 'rollback-to'; readonly name: string }
  /** From now on every write to `from` changes the row too. */
  | { readonly do: 'trigger'; readonly from: string; readonly row: string }
  /** From now on whoever reads the view reads this row. */
  | { readonly do: 'view'; readonly name: string; readonly row: string }
  /** Reads the catalog. */
  | { readonly do: 'describe' }

/** What a statement was answered with. */
export interface Reply {
  /** The versions of selected rows, in order. */
  readonly values: readonly number[]
  readonly answer: Answer | undefined
  /** For `describe`. */
  readonly catalog: Catalog | undefined
}

/** What the database knows beside rows. */
export interface Catalog {
  /** The row that each table's trigger changes. */
  readonly triggers: ReadonlyMap<string, string>
  /** The row behind each view. */
  readonly views: ReadonlyMap<string, string>
}

/** The server said no. */
export class Refused extends Error {
  readonly endsTransaction: boolean

  constructor(endsTransaction: boolean) {
    super('refused by the database')
    this.endsTransaction = endsTransaction
  }
}

/** Nobody knows what the server did. */
export class NoAnswer extends Error {}

/** The table whose engine has no transactions: what is written to it shows at once and stays. */
export const engineless = 'plain'

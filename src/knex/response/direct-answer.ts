import type { RowShapes } from '../../cache/snapshot/row-shapes.ts'
import type { Snapshot } from '../../contract/snapshot.ts'
import type { ResponseAdapter } from './response-adapter.ts'

/** Says that there is no direct answer: `undefined` is what `first()` gives where there is no row. */
export const noDirectAnswer: unique symbol = Symbol('millrace.noDirectAnswer')

/** Answers hits of builders without Knex's `processResponse`, see {@link createDirectAnswers}. */
export interface DirectAnswers {
  /**
   * What the general way (revived response, `processResponse`) would give for a builder's statement without `output`, built from no more than
   * what is asked for: `first` copies one row, `pluck` one column. {@link noDirectAnswer}: take the general way.
   *
   * `frozen`: deeply frozen, and shared with other callers as far as none of them could change it; see `FrozenForms`. Otherwise the caller's own.
   * `postProcessResponse` is the caller's business; it must not be given frozen rows.
   */
  answer(method: string, pluck: string | undefined, snapshot: Snapshot, frozen: boolean): unknown
}

/** What is used of a Knex client to see whether it processes responses as Knex does. */
export interface ResponseProcessor {
  readonly config: { readonly client?: unknown }
  processResponse: unknown
}

/**
 * Direct answers for one connection. Clients that are not Knex's own, and those whose `processResponse` was replaced, now or
 * later, get none.
 */
export function createDirectAnswers(
  shapes: RowShapes,
  adapter: Pick<ResponseAdapter, 'hasPlainRows'>,
  client: ResponseProcessor,
): DirectAnswers {
  const knexOwn = knexOwnProcess(client)
  return {
    answer(method, pluck, { meta, body }, frozen) {
      if (
        body.form !== 'columns' ||
        client.processResponse !== knexOwn ||
        !adapter.hasPlainRows(meta)
      ) {
        return noDirectAnswer
      }
      switch (method) {
        case 'select':
          return frozen ? shapes.frozen(body).rows() : shapes.rows(body)
        case 'first':
          return frozen ? shapes.frozen(body).first() : shapes.first(body)
        case 'pluck': {
          const c = pluck === undefined ? -1 : body.names.indexOf(pluck)
          // Knex looks a name up as a path, and where it is inherited: its own rules for what is no column.
          if (c < 0 && body.rowCount > 0) return noDirectAnswer
          return frozen ? shapes.frozen(body).column(c) : shapes.column(body, c)
        }
        default:
          return noDirectAnswer
      }
    },
  }
}

/** Knex's own `processResponse`; a symbol, which no method is, for a client with another. */
function knexOwnProcess(client: ResponseProcessor): unknown {
  const isExtended =
    typeof client.config.client === 'function' || Object.hasOwn(client, 'processResponse')
  return isExtended ? noDirectAnswer : client.processResponse
}

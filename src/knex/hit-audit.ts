import type { Clock } from '../base/clock.ts'
import type { AuditedHit, Auditor } from '../cache/audit/auditor.ts'
import type { AnsweredHit, ReadThrough, SoughtEntry } from '../cache/read-through.ts'
import { takeSnapshot } from '../cache/snapshot/take-snapshot.ts'
import type { TagSpace } from '../coherence/tag-space.ts'
import { Touched } from '../coherence/touched.ts'
import { touchedSlots } from '../coherence/touched-slots.ts'
import type { VersionAuthority } from '../contract/authority.ts'
import type { Snapshot } from '../contract/snapshot.ts'
import type { StatementAnalyser } from '../sql/analyser.ts'
import { ordersRows } from '../sql/row-order.ts'
import { capture } from './client-shape.ts'
import type { ClientShape, CompiledStatement } from './client-shape.ts'
import { withIdleConnection } from './idle-connection.ts'
import { nativeText } from './read-plan.ts'
import type { ReadPlan } from './read-plan.ts'
import type { ResponseAdapter, ResponseScope } from './response/response-adapter.ts'
import type { Sessions } from './sessions.ts'

/** What a {@link HitAudit} works with. */
export interface HitAuditParts {
  readonly auditor: Auditor
  /** The connection's name, for events. */
  readonly connection: string
  readonly analyser: StatementAnalyser
  readonly tags: TagSpace
  readonly authority: VersionAuthority
  readonly readThrough: ReadThrough
  readonly sessions: Sessions
  readonly adapter: ResponseAdapter
  readonly clock: Clock
}

/** A query whose hit may be checked. */
export interface AnsweredQuery {
  readonly client: ClientShape
  readonly compiled: CompiledStatement
  readonly scope: ResponseScope
  readonly plan: ReadPlan
  readonly query: SoughtEntry
}

/** Shows the hits of one connection to the auditor, and runs the queries of those that it chooses. */
export class HitAudit {
  readonly #parts: HitAuditParts

  constructor(parts: HitAuditParts) {
    this.#parts = parts
  }

  /** A query was answered from an entry. `answered` is called at once, and only if the hit is chosen; it may have none that can be run again. */
  consider(answered: () => AnsweredQuery | undefined, hit: AnsweredHit): void {
    this.#parts.auditor.consider(() => {
      const query = answered()
      return query && this.#describe(query, hit)
    })
  }

  #describe(answered: AnsweredQuery, { entry, snapshot }: AnsweredHit): AuditedHit {
    const { connection, analyser, readThrough, tags, authority } = this.#parts
    const { compiled, plan, query } = answered
    const { dependencies, statement } = plan
    const tables = statement.reads
    const { sql } = nativeText(compiled)
    return {
      connection,
      sql,
      key: plan.key,
      tables: tables === 'everything' ? tables : [...tables].sort(),
      program: dependencies.program,
      ordered: ordersRows(sql, analyser.catalog.rules),
      entry,
      snapshot,
      runAgain: (signal) => this.#runAgain(answered, signal),
      lookAgain: () => readThrough.peek(query),
      heal: () => authority.bump(touchedSlots(tags, new Touched().addTables(tables))),
    }
  }

  /** The pool's connections and the tap, but neither the builder nor its listeners: the caller has nothing to do with it. */
  async #runAgain(
    { client, compiled, scope }: AnsweredQuery,
    signal: AbortSignal,
  ): Promise<Snapshot | undefined> {
    const { sessions, adapter, clock } = this.#parts
    return await withIdleConnection(client, clock, signal, async (connection) => {
      // A transaction that was opened by hand sees what nobody else does.
      if (sessions.of(connection).isPrivate) return undefined
      let fresh: Snapshot | undefined
      const statement: CompiledStatement = { ...compiled }
      Object.defineProperty(statement, capture, {
        value: (response: unknown) => {
          if (sessions.of(connection).isPrivate) return
          const captured = adapter.capture(response, scope)
          fresh =
            captured === undefined
              ? undefined
              : takeSnapshot(captured.meta, captured.body)?.snapshot
        },
      })
      await client.query(connection, statement)
      return fresh
    })
  }
}

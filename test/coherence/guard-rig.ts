import { engineRules } from '../../src/coherence/engine-rules.ts'
import { SessionState } from '../../src/coherence/session-state.ts'
import { StatementGuard } from '../../src/coherence/statement-guard.ts'
import type { StatementRun } from '../../src/coherence/statement-guard.ts'
import { TagSpace } from '../../src/coherence/tag-space.ts'
import type { Mark, MarkRequest, Slot, VersionAuthority } from '../../src/contract/authority.ts'
import type { Dialect } from '../../src/contract/dialect.ts'
import type { Footprint, StatementFootprint } from '../../src/contract/footprint.ts'
import { statement } from './rows.ts'

/** Writes down what the guard asks of the authority, in order. */
export class RecordingAuthority implements VersionAuthority {
  readonly slotCount = 2 ** 16
  isLocal = false
  readonly log: string[] = []
  watched = 0
  refuse = false
  readonly #names: (slot: Slot) => string
  #lastId = 0

  constructor(names: (slot: Slot) => string) {
    this.#names = names
  }

  mark(request: MarkRequest): Mark {
    if (this.refuse) throw new Error('no authority')
    this.log.push(`mark ${this.#list(request.slots)}`)
    this.#lastId += 1
    return { id: this.#lastId, watched: this.watched }
  }

  settle(_mark: Mark, touched: readonly Slot[]): void {
    this.log.push(`settle ${this.#list(touched)}`)
  }

  settleLater(): void {
    this.log.push('settle later')
  }

  lastTouch(): number {
    return this.watched
  }

  bump(slots: readonly Slot[]): void {
    this.log.push(`bump ${this.#list(slots)}`)
  }

  #list(slots: readonly Slot[]): string {
    const named = slots.map(this.#names).filter((name) => name !== '')
    return `[${named.sort().join(' ')}]`
  }
}

export const plain: StatementFootprint = statement({ selects: false })
export const write = (...tables: string[]): Footprint => [
  { ...plain, verb: 'update', writes: new Set(tables) },
]
export const control = (value: NonNullable<StatementFootprint['control']>): Footprint => [
  { ...plain, verb: value.op, control: value },
]
export const begin = control({ op: 'begin' })
export const commit = control({ op: 'commit', chain: false })
export const rollback = control({ op: 'rollback', chain: false })

export function setUp(dialect: Dialect) {
  const tags = new TagSpace('db', 2 ** 16)
  const names = new Map<Slot, string>([
    [tags.any, 'any'],
    [tags.everything, 'everything'],
    [tags.schema, 'schema'],
    // By column, for tables of whose rows something is known.
    ...['id', 'fk'].flatMap((name): [Slot, string][] => {
      const column = tags.table('a').column(name)
      return [
        [column.unknown, `${name}?`],
        [column.none, `${name}=null`],
        ...['1', '2', '7', '8'].map((form): [Slot, string] => [
          column.value(form),
          `${name}=${form}`,
        ]),
      ]
    }),
    // "T?" goes with "T*" wherever nothing is known of the rows.
    ...['a', 'b', 'myisam'].flatMap((table): [Slot, string][] => [
      [tags.table(table).whole, table],
      [tags.table(table).unknownRows, ''],
    ]),
  ])
  const authority = new RecordingAuthority((slot) => names.get(slot) ?? String(slot))
  const outdated: string[] = []
  const invalidated: string[] = []
  const catalog = { loadedAt: 0, isTransactional: (table: string) => table !== 'myisam' }
  const guard = new StatementGuard({
    authority,
    tags,
    rules: engineRules(dialect, 30_000, authority),
    catalog,
    listener: {
      invalidated: (precision) => invalidated.push(precision),
      catalogOutdated: () => outdated.push('outdated'),
      outcomeUnknown: () => outdated.push('unknown'),
      authorityLost: () => outdated.push('lost'),
    },
  })
  const session = new SessionState()
  const { log } = authority
  /** As the tap does: in the session's turn. */
  const run = async (
    footprint: Footprint,
    send: () => Promise<unknown> = () => Promise.resolve(undefined),
    more: Partial<StatementRun<unknown>> = {},
  ): Promise<unknown> => {
    const { turns } = session
    const start = (): Promise<unknown> => guard.run(session, footprint, statementRun(send, more))
    return await (turns.isTaken ? turns.wait(start) : start())
  }
  const statementRun = (
    send: () => Promise<unknown>,
    more: Partial<StatementRun<unknown>>,
  ): StatementRun<unknown> => ({
    send: async () => {
      log.push('send')
      return await send()
    },
    bindings: [],
    isStream: false,
    answer: () => undefined,
    rollBack: () => {
      log.push('roll back')
      return Promise.resolve()
    },
    isUnknown: (error) => error === 'lost',
    endsTransaction: (error) => error === 'deadlock',
    inTransaction: () => undefined,
    schemaChanged: () => {
      log.push('catalog')
      return Promise.resolve()
    },
    ...more,
  })
  return { authority, log, invalidated, run, session, outdated, guard, catalog }
}
export const fail = (error: string) => (): Promise<unknown> =>
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  Promise.reject(error)

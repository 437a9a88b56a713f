import knexFactory, { type Knex } from 'knex'
import type { BuilderShape } from '../../../src/knex/client-shape.ts'
import type { FallbackReason, Shape } from '../../../src/knex/fingerprint/fingerprinter.ts'
import { settledBuilder } from '../../../src/knex/settled-builder.ts'
import type { Seeded } from '../../support/seed.ts'
import { Mutator } from './mutate.ts'
import { exact, outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { drawName } from './pools.ts'
import { queryGrammar } from './queries.ts'
import { drawRaw } from './expressions.ts'
import { apply } from './step.ts'
import type { Step } from './step.ts'
import { Tape } from './tape.ts'

/** The dialects whose compilers differ. None of them connects. */
export const clients = ['better-sqlite3', 'pg', 'mysql2'] as const
export type ClientName = (typeof clients)[number]

/** What is under test: the fingerprinter, or one with a fault. */
export interface Subject {
  take(builder: BuilderShape): Shape<unknown> | undefined
  readonly reason: FallbackReason
  readonly values: string
  readonly bindings: readonly unknown[]
}

/** What a campaign saw. */
export interface Findings {
  builders: number
  /** Builders that compile. */
  compiled: number
  /** Builders that compile and have a fingerprint. */
  taken: number
  /** Of these, the ones whose `bindings` are those of the compiled statement. */
  sameBindings: number
  readonly statements: Set<string>
  readonly keys: Map<string, string>
  readonly fallbacks: Map<string, number>
  /** Keys that two different statements share, and shapes that promise what they do not hold. */
  readonly wrong: string[]
}

/** What the builders of one shape had in common so far. */
interface Seen {
  readonly statement: string
  readonly hasSameBindings: boolean
}

/** Compares fingerprints with compiled statements. */
export class Campaign {
  readonly findings: Findings = {
    builders: 0,
    compiled: 0,
    taken: 0,
    sameBindings: 0,
    statements: new Set(),
    keys: new Map(),
    fallbacks: new Map(),
    wrong: [],
  }
  readonly #subject: Subject
  readonly #knex: Knex
  readonly #seeded: Seeded
  readonly #shapes = new Map<number, Seen>()
  readonly #mutator: Mutator
  #prefix = ''

  /** With `isSpelled` the instance spells names in a way of its own, which changes and depends on the context of the query. */
  constructor(client: ClientName, subject: Subject, seeded: Seeded, isSpelled = false) {
    const wrapIdentifier: Knex.Config['wrapIdentifier'] = (name, own, context: unknown) =>
      own(`${this.#prefix}${name}${(context as { name?: string } | undefined)?.name ?? ''}`)
    const spelling = isSpelled ? { wrapIdentifier } : {}
    this.#knex = knexFactory({ client, useNullAsDefault: true, log: silent, ...spelling })
    this.#subject = subject
    this.#seeded = seeded
    this.#mutator = new Mutator(seeded)
  }

  /** Looks at so many builders: one by chance, and some that differ from it in one place or in none. */
  run(builders: number): void {
    const { findings } = this
    for (const end = findings.builders + builders; findings.builders < end;) {
      const tape = new Tape(this.#seeded)
      this.#look(tape)
      this.#look(tape.mutant())
      this.#lookAtMutants(tape.again())
    }
  }

  #look(tape: Tape): void {
    this.findings.builders++
    let builder: BuilderShape
    try {
      builder = this.#draw(tape)
    } catch {
      // Knex refuses some arguments at once.
      count(this.findings.fallbacks, 'never built')
      return
    }
    this.#compare(builder)
    // Compiling changes some builders.
    if (tape.once(8)) this.#compare(builder)
  }

  /** Builders that nobody could make with methods, some of them. Raw statements have no such. */
  #lookAtMutants(tape: Tape): void {
    let builder: BuilderShape
    try {
      builder = this.#draw(tape)
      if (builder.isRawInstance === true) return
    } catch {
      return
    }
    for (let n = 0; n < 4; n++) {
      this.findings.builders++
      this.#compare(this.#mutator.mutant(builder))
    }
  }

  #draw(tape: Tape): BuilderShape {
    const knex = this.#knex
    const settings = drawSettings(tape)
    if (tape.once(30)) {
      const raw = drawRaw(queryGrammar(knex), tape, 1)
      apply(raw, settings)
      return raw as unknown as BuilderShape
    }
    const builder = knex.queryBuilder()
    apply(builder, queryGrammar(knex).query(tape, 2))
    apply(builder, settings)
    return (tape.once(9) ? builder.clone() : builder) as unknown as BuilderShape
  }

  #compare(builder: BuilderShape): void {
    const { findings } = this
    this.#prefix = this.#seeded.pick(['', '', 'x'])
    const subject = this.#subject
    const shape = subject.take(builder)
    const key = shape && `${String(shape.id)}#${subject.values}`
    const bindings = shape && exact(subject.bindings)
    const { reason } = subject
    const outcome = outcomeOf(builder)
    const compiles = outcome.bindings !== undefined
    if (compiles) findings.compiled++
    if (shape === undefined || key === undefined) {
      count(findings.fallbacks, compiles ? reason : `${reason}, throws`)
      return
    }
    if (compiles) {
      findings.statements.add(outcome.statement)
      findings.taken++
      if (bindings === outcome.bindings) findings.sameBindings++
    }
    this.#checkSettled(builder, outcome)
    this.#checkKey(key, outcome)
    this.#checkShape(shape, outcome, bindings === outcome.bindings)
  }

  /** A copy without functions of the user's compiles to the same, however often it is looked at. */
  #checkSettled(builder: BuilderShape, { statement, bindings }: Outcome): void {
    if (bindings === undefined) return
    const settled = settledBuilder(builder)
    const shape = this.#subject.take(settled)
    const settledKey = shape && `${String(shape.id)}#${this.#subject.values}`
    const copy = outcomeOf(settled)
    // Its key may be another: compiling has changed some builders.
    if (settledKey !== undefined) this.#checkKey(settledKey, copy)
    if (copy.statement !== statement || copy.bindings !== bindings) {
      this.#report(
        `settled\n  ${statement} ${bindings}\n  ${copy.statement} ${copy.bindings ?? ''}`,
      )
    }
  }

  #checkKey(key: string, { statement, bindings }: Outcome): void {
    const { keys } = this.findings
    const truth = `${statement} ${bindings ?? ''}`
    const known = keys.get(key)
    if (known === undefined) keys.set(key, truth)
    else if (known !== truth) this.#report(`one key ${key}\n  ${known}\n  ${truth}`)
  }

  /** A shape stands for one text, and its bindings are either all known or not to be trusted. */
  #checkShape(shape: Shape<unknown>, { statement, bindings }: Outcome, isSame: boolean): void {
    const hasSameBindings = bindings === undefined || isSame
    const known = this.#shapes.get(shape.id)
    if (known === undefined) this.#shapes.set(shape.id, { statement, hasSameBindings })
    else if (known.statement !== statement) {
      this.#report(`one shape\n  ${known.statement}\n  ${statement}`)
    } else if (known.hasSameBindings !== hasSameBindings) {
      this.#report(`sometimes other bindings: ${statement}\n  ${bindings ?? ''}`)
    }
  }

  #report(what: string): void {
    if (this.findings.wrong.length < 100) this.findings.wrong.push(what)
  }
}

/** What a whole statement carries beside its SQL. */
function drawSettings(tape: Tape): Step[] {
  if (!tape.once(8)) return []
  return tape.pick<Step[]>([
    [['options', { rowMode: 'array' }]],
    [['options', { nestTables: true }]],
    [
      ['options', { a: 1, b: '1' }],
      ['options', { a: tape.pick([1, '1', true]) }],
    ],
    [['timeout', tape.pick([1000, 2000])]],
    [['queryContext', { name: drawName(tape) }]],
  ])
}

const silent = { warn() {}, error() {}, debug() {}, deprecate() {} }

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

/** One line about a campaign. */
export function summaryOf(findings: Findings): string {
  const { builders, compiled, taken, sameBindings, statements, keys, wrong } = findings
  const fallbacks = [...findings.fallbacks].sort(([, a], [, b]) => b - a)
  const share = (part: number): string => `${((100 * part) / Math.max(compiled, 1)).toFixed(1)} %`
  return [
    `${String(builders)} builders, ${String(compiled)} compiled to ${String(statements.size)} texts`,
    `fingerprints ${share(taken)}, same bindings ${share(sameBindings)}`,
    `${String(keys.size)} keys, ${String(wrong.length)} wrong`,
    `fallbacks: ${fallbacks.map(([reason, times]) => `${reason} ${String(times)}`).join(', ')}`,
  ].join('; ')
}

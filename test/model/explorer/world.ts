import type { Codec } from '../../../src/contract/codec.ts'
import { Accidents } from './accidents.ts'
import { ModelDatabase } from './database.ts'
import type { Deployment, OpenDeployment, Place, StoreFlaws } from './deployment.ts'
import { Oracle } from './oracle.ts'
import type { Violation } from './oracle.ts'
import { Players } from './players.ts'
import { queriesOf } from './scenario.ts'
import type { Scenario } from './scenario.ts'
import { Stage } from './stage.ts'
import type { Step } from './stage.ts'
import type { Query } from './statements.ts'
import { Subject } from './subject.ts'
import { slotCount, tags } from './tag-slots.ts'
import type { TapFlaws } from './tap-flaws.ts'
import { Trace } from './trace.ts'
import type { Turns } from './turns.ts'
import { Verdict } from './verdict.ts'
import type { ReadCounts } from './verdict.ts'

/** After how many reads the last must be a hit: one may find that the catalog is old, one fills. */
const rounds = 3

/** Parts of the protocol that are replaced by flawed ones; the real ones unless given. */
export interface Flaws {
  readonly tap?: TapFlaws
  readonly store?: StoreFlaws
}

/** What a history is made of. */
export interface WorldParts {
  readonly scenario: Scenario
  readonly open: OpenDeployment
  readonly flaws: Flaws
  readonly turns: Turns
  /** Remembers nothing: one for all histories. */
  readonly codec: Codec
  /** Whether steps are fingerprinted. */
  readonly traced: boolean
  /** Whether a read must return the rows as they stood while it ran, even where no guarantee speaks of the difference. */
  readonly exact: boolean
}

/** One history in the making: the real code of all processes, the database under it, and the steps that may come next. */
export class World {
  readonly stage: Stage
  readonly #parts: WorldParts
  readonly #verdict = new Verdict()
  readonly #database: ModelDatabase
  readonly #oracle: Oracle
  readonly #players: Players
  #deployment!: Deployment
  #accidents!: Accidents
  readonly #subjects = new Map<string, Subject>()
  /** Processes that wait for the death of another one. */
  readonly #unborn = new Set<string>()

  private constructor(parts: WorldParts) {
    const { scenario, turns, traced, exact } = parts
    this.#parts = parts
    this.stage = new Stage(new Trace(traced), turns)
    const isEmbedded = scenario.dialect === 'sqlite'
    this.#database = new ModelDatabase(this.stage, isEmbedded, scenario.views ?? new Map())
    this.#oracle = new Oracle(this.#database, this.stage.trace, exact)
    this.#players = new Players({
      scenario,
      stage: this.stage,
      database: this.#database,
      oracle: this.#oracle,
      verdict: this.#verdict,
      subjectOf: (process) => (this.#unborn.has(process) ? undefined : this.#subjects.get(process)),
    })
  }

  /** Opens every process and warms what the scenario wants warm. */
  static async open(parts: WorldParts): Promise<World> {
    const world = new World(parts)
    await world.#open()
    return world
  }

  get violation(): Violation | undefined {
    return this.#verdict.violation
  }

  get counts(): ReadCounts {
    return this.#verdict.counts
  }

  /** What may happen next; nothing once all is done. */
  steps(): Step[] {
    const { progress, accidents } = this.choices()
    return [...progress, ...accidents]
  }

  /** What may happen next, and what may go wrong instead. */
  choices(): { readonly progress: Step[]; readonly accidents: Step[] } {
    const progress = [...this.#players.steps(), ...this.#progress()]
    if (progress.length === 0) progress.push(...this.#database.victims())
    return { progress, accidents: this.#accidents.steps() }
  }

  /** What can be seen of the state from outside; equal states look equal. */
  fingerprint(): string {
    const players = this.#players.all.map(({ begun, state, results }) => [begun, state, results])
    const steps = this.steps().map(({ label }) => label)
    const rows = Object.entries(this.#database.now.versions).sort()
    return JSON.stringify([players, steps.sort(), rows, this.#accidents.left])
  }

  async take(step: Step): Promise<void> {
    await this.stage.take(step)
  }

  /**
   * Ends a history that has no steps left: lets time pass, expects every operation to have ended, and reads everything again in every
   * process, a few times: always what the database holds, and from the cache in the end.
   */
  async finish(): Promise<void> {
    const { exit, isForgetful = false } = this.#deployment
    const { dead, disconnected } = this.#accidents
    // The counts are those of the history.
    const { hits } = this.counts
    for (const process of disconnected) exit?.(process)
    await this.#quieten()
    for (const { actor, state } of this.#players.all) {
      if (state !== 'busy') continue
      this.#verdict.fail({ guarantee: 'G7', what: `${actor.name} waits for ever` })
    }
    const { scenario } = this.#parts
    const kept = new Set(isForgetful ? [] : scenario.keeps?.map(({ text }) => text))
    const gone = [dead, disconnected, this.#unborn]
    for (let round = 1; round <= rounds; round++) {
      for (const subject of new Set(this.#subjects.values())) {
        if (gone.some((names) => names.has(subject.name))) continue
        for (const query of queriesOf(scenario)) await this.#reread(subject, query, round, kept)
      }
    }
    this.counts.hits = hits
  }

  async #open(): Promise<void> {
    const { scenario, open, flaws, codec } = this.#parts
    const { stage } = this
    stage.trace.begin('open')
    this.#deployment = await open({
      stage,
      processes: [...new Set(scenario.actors.map(({ process }) => process))],
      codec,
      slotCount,
      schemaSlot: tags.schema,
      flaws: flaws.store ?? {},
    })
    this.#accidents = new Accidents({
      scenario,
      stage,
      database: this.#database,
      deployment: this.#deployment,
      players: this.#players,
      onDeath: (process) => this.#succeed(process),
    })
    const byPlace = new Map<Place, Subject>()
    for (const [name, place] of this.#deployment.places) {
      let subject = byPlace.get(place)
      if (subject === undefined) {
        subject = this.#subject(place)
        byPlace.set(place, subject)
        if (place.succeeds === undefined) await this.#through(subject.open())
        else this.#unborn.add(name)
      }
      this.#subjects.set(name, subject)
    }
    for (const [process, query] of scenario.warm ?? []) {
      await this.#through(this.#subjects.get(process)!.read(query, 'warm'))
    }
    await this.#quieten()
    stage.trace.end()
  }

  #subject({ name, store, watch }: Place): Subject {
    const { scenario, flaws, codec } = this.#parts
    return new Subject({
      name,
      stage: this.stage,
      database: this.#database,
      store,
      codec,
      dialect: scenario.dialect ?? 'postgres',
      flaws: flaws.tap ?? {},
      watch,
      onHit: () => this.counts.hits++,
    })
  }

  /** Processes that take over from a dead one begin some time. */
  #succeed(process: string): void {
    for (const [name, { succeeds }] of this.#deployment.places) {
      if (succeeds?.process !== process) continue
      const begin = async (): Promise<void> => {
        await succeeds.prepare()
        await this.#subjects.get(name)!.open()
        this.stage.trace.changes(`life of ${name}`)
        this.#unborn.delete(name)
      }
      this.stage.offer(`${name} begins to live`, () => void begin())
    }
  }

  /** What goes on with what has begun. */
  #progress(): Step[] {
    return [...this.#database.steps(), ...this.#deployment.steps(), ...this.stage.gates]
  }

  async #reread(
    subject: Subject,
    query: Query,
    round: number,
    kept: ReadonlySet<string>,
  ): Promise<void> {
    const { hits } = this.counts
    const begun = this.#oracle.begin(query.effect.rows)
    const values = await this.#through(subject.read(query, 'afterwards'))
    const what = `at the end ${subject.name} reads ${query.text}`
    if (!this.#oracle.allows(begun, values)) {
      this.#verdict.fail({ guarantee: 'G3', what: `${what} as ${String(values)}` })
    }
    if (this.counts.hits > hits) return
    if (round === rounds) {
      const why = 'something stands for ever'
      this.#verdict.fail({ guarantee: 'G3', what: `${what} past the cache: ${why}` })
    }
    if (kept.has(query.text)) {
      this.#verdict.fail({ guarantee: 'G6', what: `${what} again, though nothing touched it` })
    }
  }

  /** Takes whatever step there is until the promise has its answer. */
  async #through<T>(promise: Promise<T>): Promise<T> {
    let done = false
    const note = (): void => {
      done = true
    }
    promise.then(note, note)
    await this.stage.quiet()
    while (!done) {
      if (!(await this.#goOn())) throw new Error('Something outside of the scenario hangs.')
    }
    return await promise
  }

  /** Takes what steps there are, and lets time pass until no timer is left. */
  async #quieten(): Promise<void> {
    await this.stage.quiet()
    while (await this.#goOn());
  }

  /** Takes one step, or lets a timer run where there is none; false if there is nothing at all. */
  async #goOn(): Promise<boolean> {
    const [step = this.stage.timers()[0]] = this.#progress()
    step?.take()
    await this.stage.quiet()
    return step !== undefined
  }
}

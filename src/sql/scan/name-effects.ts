import type { ChangeEvent, Effects } from '../effects.ts'
import type { KnownNames } from '../known-names.ts'
import type { Token } from '../token.ts'
import { readsByText, readsClock } from '../volatile-functions.ts'
import type { DottedName } from './names.ts'
import { isForeignName, isSystemName } from './system-names.ts'

/** Turns names whose part in the statement is clear into effects. */
export class NameEffects {
  readonly #effects: Effects
  readonly #tokens: readonly Token[]
  readonly #names: KnownNames
  readonly #ctes: ReadonlySet<string>

  constructor(
    effects: Effects,
    tokens: readonly Token[],
    names: KnownNames,
    ctes: ReadonlySet<string>,
  ) {
    this.#effects = effects
    this.#tokens = tokens
    this.#names = names
    this.#ctes = ctes
  }

  /** A table that is read. */
  read(name: DottedName): void {
    const { dialect } = this.#names.rules
    if (name.parts.length === 1 && !this.#names.hasTable(name.last)) {
      if (this.#ctes.has(name.last)) return
      if (dialect === 'mysql' && name.last === 'dual') return
    }
    if (isSystemName(dialect, name) || isForeignName(this.#names, name))
      this.#effects.volatile = true
    this.#effects.reads.add(name.last)
  }

  /** A table that is written. */
  write(name: DottedName, events: readonly ChangeEvent[]): void {
    const system = isSystemName(this.#names.rules.dialect, name) && !this.#names.hasTable(name.last)
    if (system || isForeignName(this.#names, name)) this.#effects.writesEverything = true
    for (const event of events) this.#effects.change(name.last, event)
  }

  /** A function or procedure that is called; its arguments begin after the name. */
  call(name: DottedName): void {
    const { dialect } = this.#names.rules
    this.#effects.calls.add(name.last)
    if (readsClock(dialect, name.last, this.#tokens, name.end)) this.#effects.volatile = true
    if (readsByText(dialect, name.last)) this.#effects.readsEverything = true
    const schema = name.parts.at(-2)
    const unseen = schema?.startsWith('pg_temp') === true || isForeignName(this.#names, name)
    if (unseen && !this.#names.hasRoutine(name.last)) this.#effects.everything()
  }
}

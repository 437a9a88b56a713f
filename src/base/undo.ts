/** Steps to take back, last first, once. */
export class Undo {
  readonly #steps: (() => Promise<void> | void)[] = []
  #done: Promise<void> | undefined

  /** Adds a step that undoes what has just been done. */
  add(step: () => Promise<void> | void): void {
    this.#steps.push(step)
  }

  /** Takes every step, whatever the others do; rejects with the first failure. Further calls await the same run. */
  run(): Promise<void> {
    this.#done ??= this.#run()
    return this.#done
  }

  async #run(): Promise<void> {
    const failures: unknown[] = []
    for (const step of this.#steps.toReversed()) {
      try {
        await step()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}

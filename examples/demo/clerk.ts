import type { DemoDatabase } from './open-database.ts'
import type { Tally } from './tally.ts'

/** Does one worker's writes and keeps the tally of what was acknowledged. */
export class Clerk {
  readonly #DB: DemoDatabase
  readonly #worker: number
  readonly #views = new Map<number, number>()
  readonly #versions = new Map<number, number>()
  readonly #visits: string[] = []
  #applied = 0
  #refused = 0

  constructor(DB: DemoDatabase, worker: number) {
    this.#DB = DB
    this.#worker = worker
  }

  /** Buffered: counts the view and logs the visit. Both are safe in the journal when this resolves, and in the table two seconds later. */
  async recordVisit(city: number): Promise<void> {
    await Promise.all([this.#countView(city), this.#logVisit(city)])
  }

  /** Direct: raises a city's version; resolves to it when the database has it. */
  async raiseVersion(city: number): Promise<number> {
    const version = (this.#versions.get(city) ?? 0) + 1
    await this.#DB.cities.where({ id: city }).update({ version })
    this.#versions.set(city, version)
    return version
  }

  /** Waits until everything that was acknowledged is applied, and hands the tally over. */
  async close(): Promise<Tally> {
    await this.#DB.buffer.flush()
    return {
      views: Object.fromEntries(this.#views),
      visits: this.#visits,
      versions: Object.fromEntries(this.#versions),
      applied: this.#applied,
      refused: this.#refused,
    }
  }

  async #countView(city: number): Promise<void> {
    const receipt = await this.#DB.cities.buffer.where(city).increment('views')
    this.#views.set(city, (this.#views.get(city) ?? 0) + 1)
    this.#follow(receipt.applied)
  }

  async #logVisit(city: number): Promise<void> {
    const receipt = await this.#DB.visits.buffer.insert({
      city_id: city,
      worker: this.#worker,
      visited_at: new Date().toISOString(),
    })
    this.#visits.push(String(receipt.row.id))
    this.#follow(receipt.applied)
  }

  #follow(applied: Promise<void>): void {
    applied.then(
      () => (this.#applied += 1),
      () => (this.#refused += 1),
    )
  }
}

import type { Clock } from '../base/clock.ts'
import { deferred } from '../base/deferred.ts'
import type { Bus, BusHub, Message } from '../contract/bus.ts'
import type { LifeRegister, LifeReport } from './database-lives.ts'

const topic = 'database.life'

/** Lets workers report the lives of databases to the register of this process. */
export function serveLives(hub: BusHub, lives: LifeRegister): void {
  hub.onRequest(topic, (payload) => {
    const answered = lives.report(unpack(payload))
    return answered instanceof Promise ? answered.then(() => null) : null
  })
}

/**
 * The owner's register, seen from a worker. It waits for the answer at most `limitMs`: an owner that is late answers no lookup
 * either, and the report is ahead of every later lookup on the same line. On a line that is lost there are no hits at all.
 */
export class RemoteLives implements LifeRegister {
  readonly #bus: Bus
  readonly #clock: Clock
  readonly #limitMs: number

  constructor(bus: Bus, clock: Clock, limitMs = 5000) {
    this.#bus = bus
    this.#clock = clock
    this.#limitMs = limitMs
  }

  async report(report: LifeReport): Promise<void> {
    const done = deferred<undefined>()
    const goOn = (): void => done.resolve(undefined)
    const cancel = this.#clock.after(this.#limitMs, goOn)
    this.#bus.request(topic, pack(report)).then(goOn, goOn)
    await done.promise
    cancel()
  }
}

function pack({ database, life, slots }: LifeReport): Message {
  return [database, life ?? null, slots]
}

function unpack(message: Message): LifeReport {
  const [database, life, slots] = message as readonly [string, string | null, readonly number[]]
  return { database, life: life ?? undefined, slots }
}

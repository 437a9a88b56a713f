/** A number pair that stands for a set of steps and their order; 64 bits, so that two different ones do not meet by chance. */
interface Lanes {
  high: number
  low: number
}

/** Something that steps share. Two steps that use no resource in common, or only look at it, can change places. */
export interface Resource {
  /** The same in every history in which it comes into being in the same way. */
  id: number
  /** Stands for the step that changed it last, and everything before that. */
  readonly last: Lanes
  /** The steps that looked at it since, in any order. */
  readonly reads: Lanes
}

interface Use {
  readonly resource: Resource
  changes: boolean
}

/** What a step used: by the ids of resources, whether it changed them. */
export type Uses = ReadonlyMap<number, boolean>

/** Whether two steps that are both possible can change places: none changes what the other uses. */
export function areIndependent(one: Uses, other: Uses): boolean {
  for (const [id, changes] of one) {
    const otherChanges = other.get(id)
    if (otherChanges !== undefined && (changes || otherChanges)) return false
  }
  return true
}

/**
 * Which step depends on which: a fingerprint of the history so far up to the order of independent steps.
 *
 * Every part with which the code under test comes in touch (rows and locks of the database, slots and keys of the store, messages,
 * timers, a process's catalog, the actors themselves) is a resource, and each step notes which of them it looks at and which it changes,
 * those that decide whether it is possible among them. The code has no other shared state: modules hold none. Hence two histories in
 * which each resource saw the same changes in the same order, and each look fell between the same changes, leave everything in the same
 * state, and continue alike. The key of a history is a sum over its resources of what each saw, so that such histories have the same key.
 */
export class Trace {
  /** False: nothing is noted, and there is no key. */
  readonly #on: boolean
  readonly #named = new Map<string, Resource>()
  readonly #total: Lanes = { high: 0, low: 0 }
  readonly #uses = new Map<Resource, Use>()
  #fresh: Resource[] = []
  #label = 0
  #inStep = false
  #lastUses: Uses = new Map()

  constructor(on: boolean) {
    this.#on = on
  }

  /** Stands for the state after the steps so far. */
  get key(): number {
    return joined(this.#total)
  }

  /** What the last step used. */
  get lastUses(): Uses {
    return this.#lastUses
  }

  /** The resource of this name. */
  named(name: string): Resource {
    let resource = this.#named.get(name)
    if (resource === undefined) {
      const start = textHash(name)
      const last = { high: start, low: mix(start, 7) }
      resource = { id: joined(last), last, reads: { high: 0, low: 0 } }
      this.#named.set(name, resource)
    }
    return resource
  }

  /** A resource that the running step makes: a message, a timer. */
  made(): Resource {
    const resource: Resource = { id: 0, last: { high: 0, low: 0 }, reads: { high: 0, low: 0 } }
    if (this.#inStep) this.#fresh.push(resource)
    return resource
  }

  /** The running step depends on how the resource is. */
  looksAt(resource: Resource | string): void {
    this.#use(resource, false)
  }

  /** The running step changes the resource. */
  changes(resource: Resource | string): void {
    this.#use(resource, true)
  }

  /** Begins a step; what is used between two steps is used by nobody. */
  begin(label: string): void {
    this.#label = textHash(label)
    this.#inStep = this.#on
  }

  /** Ends the running step: all that it used is known now. */
  end(): void {
    if (!this.#inStep) return
    this.#inStep = false
    let high = this.#label
    let low = mix(this.#label, 3)
    for (const { resource, changes } of this.#uses.values()) {
      const { last, reads } = resource
      const salt = changes ? 0x5bd1 : 0x2f0b
      high = (high + mix(last.high ^ (changes ? reads.high : 0), salt)) | 0
      low = (low + mix(last.low ^ (changes ? reads.low : 0), salt + 1)) | 0
    }
    high = mix(high, 11)
    low = mix(low, 13)
    for (const { resource, changes } of this.#uses.values()) {
      const { last, reads } = resource
      this.#count(resource, -1)
      if (changes) {
        last.high = mix(last.high + high, 17)
        last.low = mix(last.low + low, 19)
        reads.high = reads.low = 0
      } else {
        reads.high = (reads.high + mix(high, 23)) | 0
        reads.low = (reads.low + mix(low, 29)) | 0
      }
      this.#count(resource, 1)
    }
    this.#lastUses = new Map(
      Array.from(this.#uses.values(), ({ resource, changes }) => [resource.id, changes]),
    )
    this.#uses.clear()
    for (const [at, resource] of this.#fresh.entries()) {
      resource.last.high = mix(high, 31 + at)
      resource.last.low = mix(low, 37 + at)
      resource.id = joined(resource.last)
      this.#count(resource, 1)
    }
    this.#fresh = []
  }

  #use(named: Resource | string, changes: boolean): void {
    if (!this.#inStep) return
    const resource = typeof named === 'string' ? this.named(named) : named
    if (this.#fresh.includes(resource)) return
    const use = this.#uses.get(resource)
    if (use === undefined) this.#uses.set(resource, { resource, changes })
    else if (changes) use.changes = true
  }

  #count({ last, reads }: Resource, sign: 1 | -1): void {
    this.#total.high = (this.#total.high + sign * mix(last.high ^ mix(reads.high, 41), 43)) | 0
    this.#total.low = (this.#total.low + sign * mix(last.low ^ mix(reads.low, 47), 53)) | 0
  }
}

function joined({ high, low }: Lanes): number {
  return (high >>> 0) * 2 ** 21 + (low >>> 11)
}

/** Spreads a number over 32 bits, differently for each salt (the end of MurmurHash3). */
function mix(value: number, salt: number): number {
  let hash = (value ^ Math.imul(salt, 0x9e3779b1)) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) | 0
}

/** FNV-1a, spread. */
function textHash(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash, 59)
}

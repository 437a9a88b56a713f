import { repeatable, Zipf } from '../../random.ts'

/** How much data there is, and how the requests are drawn. */
export interface WorkloadOptions {
  readonly orders: number
  readonly tenants: number
  /** Zipf's exponent, for orders and for tenants. */
  readonly skew: number
  /** Which part of the requests writes. */
  readonly writeShare: number
  readonly seed: number
}

/** A query, by what it asks for. */
export type Read =
  /** One order, by its key. */
  | { readonly op: 'read'; readonly kind: 'order'; readonly order: number }
  /** The latest orders of a tenant. */
  | { readonly op: 'read'; readonly kind: 'tenant'; readonly tenant: number }
  /** An order joined with its invoice, by the order's key. */
  | { readonly op: 'read'; readonly kind: 'join'; readonly order: number }

/** A write, with the tenants of the rows that it changes as they are before and after. */
export type Write =
  | {
      readonly op: 'write'
      readonly kind: 'update' | 'insert' | 'delete' | 'move'
      readonly order: number
      readonly tenants: readonly number[]
    }
  | { readonly op: 'write'; readonly kind: 'invoice'; readonly order: number }
  | { readonly op: 'write'; readonly kind: 'tenant'; readonly tenant: number }

/** What a client asks for next. */
export type Request = Read | Write

/** How reads are mixed; shares of all reads. */
export const readMix: Readonly<Record<Read['kind'], number>> = {
  order: 0.5,
  tenant: 0.25,
  join: 0.25,
}

/** How writes are mixed; shares of all writes. */
export const writeMix: Readonly<Record<Write['kind'], number>> = {
  update: 0.5,
  invoice: 0.2,
  insert: 0.1,
  delete: 0.05,
  move: 0.05,
  tenant: 0.1,
}

/** The tenant of an order when the table is created: neighbours have different ones. The schema has the same in SQL. */
export function firstTenantOf(order: number, tenants: number): number {
  return 1 + ((order * tenantStep) % tenants)
}

/** See {@link firstTenantOf}. */
export const tenantStep = 7919

/**
 * Draws requests, the same ones for every way of caching, and knows what they mean: which tenant an order has, and therefore which queries
 * a write can change.
 */
export class Workload {
  readonly #options: WorkloadOptions
  readonly #random: () => number
  readonly #orders: Zipf
  readonly #tenants: Zipf
  readonly #tenantOf = new Map<number, number>()
  /** Inserted and not deleted yet, the oldest first. */
  readonly #inserted: number[] = []
  #lastOrder: number

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.#random = repeatable(options.seed)
    this.#orders = new Zipf(options.orders, options.skew, this.#random)
    this.#tenants = new Zipf(options.tenants, options.skew, this.#random)
    this.#lastOrder = options.orders
  }

  next(): Request {
    return this.#random() < this.#options.writeShare ? this.#write() : this.#read()
  }

  /** Whether a write can change what a query returns: rows of its key, of its tenant, or of either side of its join. */
  canChange(write: Write, read: Read): boolean {
    switch (write.kind) {
      case 'invoice':
        return read.kind === 'join' && read.order === write.order
      case 'tenant':
        return (read.kind === 'tenant' ? read.tenant : this.#tenant(read.order)) === write.tenant
      default:
        return read.kind === 'tenant'
          ? write.tenants.includes(read.tenant)
          : read.order === write.order
    }
  }

  #read(): Read {
    const kind = this.#pick(readMix)
    return kind === 'tenant'
      ? { op: 'read', kind, tenant: this.#tenants.next() }
      : { op: 'read', kind, order: this.#orders.next() }
  }

  #write(): Write {
    const kind = this.#pick(writeMix)
    switch (kind) {
      case 'tenant':
        return { op: 'write', kind, tenant: this.#tenants.next() }
      case 'invoice':
        return { op: 'write', kind, order: this.#orders.next() }
      case 'insert':
        return this.#insert()
      case 'delete': {
        const order = this.#inserted.shift()
        if (order === undefined) return this.#insert()
        return { op: 'write', kind, order, tenants: [this.#tenant(order)] }
      }
      case 'move': {
        const order = this.#orders.next()
        const from = this.#tenant(order)
        const to = this.#tenants.next()
        this.#tenantOf.set(order, to)
        return { op: 'write', kind, order, tenants: [from, to] }
      }
      case 'update': {
        const order = this.#orders.next()
        return { op: 'write', kind, order, tenants: [this.#tenant(order)] }
      }
    }
  }

  #insert(): Write {
    const order = ++this.#lastOrder
    const tenant = this.#tenants.next()
    this.#tenantOf.set(order, tenant)
    this.#inserted.push(order)
    return { op: 'write', kind: 'insert', order, tenants: [tenant] }
  }

  #tenant(order: number): number {
    return this.#tenantOf.get(order) ?? firstTenantOf(order, this.#options.tenants)
  }

  #pick<Kind extends string>(mix: Readonly<Record<Kind, number>>): Kind {
    let left = this.#random()
    const kinds = Object.keys(mix) as Kind[]
    for (const kind of kinds) {
      left -= mix[kind]
      if (left < 0) return kind
    }
    return kinds[0] as Kind
  }
}

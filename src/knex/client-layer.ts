import type { ClientShape } from './client-shape.ts'

/** Methods that a layer replaces: each gets the method underneath, to be called with `this`. */
export type LayerMethods = {
  readonly [Name in keyof ClientShape]?: ClientShape[Name] extends (
    ...args: infer Args
  ) => infer Result
    ? (
        below: (this: ClientShape, ...args: Args) => Result,
      ) => (this: ClientShape, ...args: Args) => Result
    : never
}

type Method = (this: ClientShape, ...args: never[]) => unknown

/** Marks a client that has a layer, whichever copy of Millrace put it there. */
const layered = Symbol.for('millrace.layered')

/** Whether a client carries a layer of Millrace already. */
export function isLayered(client: ClientShape): boolean {
  return layered in client
}

/**
 * Slips a prototype between one Knex client and its class, and takes it out again.
 *
 * Knex makes the client of a transaction with `Object.create(client.constructor.prototype)`, so an override on the instance
 * alone would not reach transactions. The layer therefore has a constructor of its own whose `prototype` is the layer.
 * Methods that the application replaced on the instance itself are wrapped where they are.
 */
export function addLayer(client: ClientShape, methods: LayerMethods): () => void {
  const base = Object.getPrototypeOf(client) as ClientShape
  const layer = Object.create(base) as ClientShape
  const constructor = function LayeredClient(): void {
    // Only its `prototype` is used.
  }
  constructor.prototype = layer
  Object.setPrototypeOf(constructor, base.constructor)
  define(layer, 'constructor', constructor)
  define(layer, layered, true)
  const own = new Map<string, Method>()
  for (const [name, wrap] of Object.entries(methods) as [string, (below: Method) => Method][]) {
    define(layer, name, wrap(Reflect.get(base, name) as Method))
    if (!Object.hasOwn(client, name)) continue
    const replaced = Reflect.get(client, name) as Method
    own.set(name, replaced)
    Reflect.set(client, name, wrap(replaced))
  }
  Object.setPrototypeOf(client, layer)
  return () => {
    Object.setPrototypeOf(client, base)
    for (const [name, method] of own) Reflect.set(client, name, method)
  }
}

function define(target: object, name: PropertyKey, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true })
}

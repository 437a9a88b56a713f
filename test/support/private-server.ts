import { inject } from 'vitest'
import { type PrivateServer, type ServerOptions, startServer } from './server-process.ts'
import type { ServiceName } from './services.ts'

export { canStartServer as canStartPrivateServer, type PrivateServer } from './server-process.ts'

/**
 * A server of its own, for tests that kill, freeze or restart it. Open a database of it with
 * `configOf({ dialect, connection: connectionTo(server.url, 'postgres') })`.
 */
export function startPrivateServer(
  name: ServiceName,
  options: ServerOptions = {},
): Promise<PrivateServer> {
  return startServer(inject('millraceRun'), name, options)
}

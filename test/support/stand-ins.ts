import { serverKinds } from './server-kinds.ts'
import { canStartServer, type PrivateServer, startServer } from './server-process.ts'
import {
  type Places,
  probeService,
  reason,
  type Service,
  type ServiceName,
  serviceNames,
  type Services,
} from './services.ts'

/** A server that the run started for itself, in the place of one that did not answer. */
export interface StandIn {
  /** The one that did not answer, and why. */
  readonly missed: Service
  readonly server: PrivateServer
}

/** What the run has after {@link startStandIns}. */
export interface StandInOutcome {
  /** With a stand-in's place where there is one. */
  readonly services: Services
  readonly standIns: readonly StandIn[]
  /** The variables by which this run and its child processes find the stand-ins. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * Starts a server for each service that does not answer at its usual place, if its binaries are on
 * this machine. A service that a variable points at is left as it is: whoever set it meant that
 * place. Where the start fails, the reason is added to why the service is missing.
 */
export async function startStandIns(
  run: string,
  found: Services,
  { env = process.env }: Places = {},
): Promise<StandInOutcome> {
  const services: Record<ServiceName, Service> = { ...found }
  const standIns: StandIn[] = []
  const variables: Record<string, string> = {}
  for (const name of serviceNames) {
    const missed = found[name]
    if (missed.missing === undefined || missed.pointedAt) continue
    if (!canStartServer(name) || !isUsed(name, env)) continue
    console.warn(`${name} does not answer at ${missed.url}: starting one for this run.`)
    try {
      const server = await startServer(run, name, { args: serverKinds[name].argsForRun })
      standIns.push({ missed, server })
      variables[missed.variable] = server.url
      services[name] = await probeService(name, { env: { ...env, ...variables } })
    } catch (error) {
      const why = `${missed.missing}; one of the run's own did not start: ${reason(error)}`
      services[name] = { ...missed, missing: why }
    }
  }
  return { services, standIns, env: variables }
}

/** `MILLRACE_DATABASES` may leave a server without tests. */
function isUsed(name: ServiceName, env: NonNullable<Places['env']>): boolean {
  const chosen = env['MILLRACE_DATABASES']
  return name === 'redis' || chosen === undefined || chosen.split(',').includes(name)
}

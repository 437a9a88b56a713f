import { probeMysql, probePostgres, probeRedis } from './probe.ts'

/** The servers that tests use beside SQLite. */
export type ServiceName = 'postgres' | 'mysql' | 'redis'

/** Every service, in the order in which they are reported. */
export const serviceNames: readonly ServiceName[] = ['postgres', 'mysql', 'redis']

/** What a test run knows about one service: found once before the first test, by `global-setup.ts`. */
export interface Service {
  readonly name: ServiceName
  /** Where it was looked for, without a password. */
  readonly url: string
  /** The variable that points the tests elsewhere. */
  readonly variable: string
  /** Whether the variable said where it is. */
  readonly pointedAt: boolean
  /** Why it cannot be used; `undefined` when it answered. */
  readonly missing: string | undefined
}

/** The answers of all services, by name. */
export type Services = Readonly<Record<ServiceName, Service>>

/** Where services are looked for. */
export interface Places {
  /** The variables that point at services: those of this process, unless given. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where a service is that no variable points at. */
  readonly usual?: Readonly<Record<ServiceName, string>>
}

const variables: Readonly<Record<ServiceName, string>> = {
  postgres: 'MILLRACE_PG_URL',
  mysql: 'MILLRACE_MYSQL_URL',
  redis: 'MILLRACE_REDIS_URL',
}

const usualPlaces: Readonly<Record<ServiceName, string>> = {
  postgres: 'postgres://postgres@127.0.0.1:5432/postgres',
  mysql: 'mysql://root@127.0.0.1:3306',
  redis: 'redis://127.0.0.1:6379',
}

/** The URL of a service: from its environment variable, else the local default. */
export function serviceUrl(
  name: ServiceName,
  { env = process.env, usual = usualPlaces }: Places = {},
): string {
  return env[variables[name]] ?? usual[name]
}

/** Whether a service that is not there fails the run (`MILLRACE_REQUIRE_SERVICES=1`) instead of skipping its tests. */
export function servicesRequired(): boolean {
  return process.env['MILLRACE_REQUIRE_SERVICES'] === '1'
}

/** Ask every service once whether it is there. */
export async function probeServices(places: Places = {}): Promise<Services> {
  const [postgres, mysql, redis] = await Promise.all([
    probeService('postgres', places),
    probeService('mysql', places),
    probeService('redis', places),
  ])
  return { postgres, mysql, redis }
}

const probes: Readonly<Record<ServiceName, (url: string) => Promise<void>>> = {
  postgres: probePostgres,
  mysql: probeMysql,
  redis: probeRedis,
}

/** Ask one service whether it is there. */
export async function probeService(name: ServiceName, places: Places = {}): Promise<Service> {
  const { env = process.env } = places
  const url = serviceUrl(name, places)
  const variable = variables[name]
  const found = {
    name,
    url: withoutPassword(url),
    variable,
    pointedAt: env[variable] !== undefined,
  }
  try {
    await probes[name](url)
    return { ...found, missing: undefined }
  } catch (error) {
    return { ...found, missing: reason(error) }
  }
}

/** Refused connections to `localhost` arrive as an AggregateError whose own message is empty. */
export function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ')
  return error instanceof Error ? error.message || error.name : String(error)
}

function withoutPassword(url: string): string {
  const parsed = new URL(url)
  if (parsed.password !== '') parsed.password = '***'
  return parsed.href
}

import { probeMysql, probePostgres, probeRedis } from './probe.ts'

/** The servers that tests use beside SQLite. */
export type ServiceName = 'postgres' | 'mysql' | 'redis'

/** Every service, in the order in which they are reported. */
export const serviceNames: readonly ServiceName[] = ['postgres', 'mysql', 'redis']

/** What a test run knows about one service: found once before the first test, by `global-setup.ts`. */
export interface Service {
  readonly name: ServiceName
  /** Where it was looked for. */
  readonly url: string
  /** The variable that points the tests elsewhere. */
  readonly variable: string
  /** Why it cannot be used; `undefined` when it answered. */
  readonly missing: string | undefined
}

/** The answers of all services, by name. */
export type Services = Readonly<Record<ServiceName, Service>>

const places: Readonly<Record<ServiceName, { variable: string; url: string }>> = {
  postgres: {
    variable: 'MILLRACE_PG_URL',
    url: 'postgres://postgres@127.0.0.1:5432/postgres',
  },
  mysql: { variable: 'MILLRACE_MYSQL_URL', url: 'mysql://root@127.0.0.1:3306' },
  redis: { variable: 'MILLRACE_REDIS_URL', url: 'redis://127.0.0.1:6379' },
}

/** The URL of a service: from its environment variable, else the local default. */
export function serviceUrl(name: ServiceName): string {
  const { variable, url } = places[name]
  return process.env[variable] ?? url
}

/** Whether a service that is not there fails the run (`MILLRACE_REQUIRE_SERVICES=1`) instead of skipping its tests. */
export function servicesRequired(): boolean {
  return process.env['MILLRACE_REQUIRE_SERVICES'] === '1'
}

/** Ask every service once whether it is there. */
export async function probeServices(): Promise<Services> {
  const [postgres, mysql, redis] = await Promise.all([
    probe('postgres', probePostgres),
    probe('mysql', probeMysql),
    probe('redis', probeRedis),
  ])
  return { postgres, mysql, redis }
}

async function probe(name: ServiceName, ask: (url: string) => Promise<void>): Promise<Service> {
  const url = serviceUrl(name)
  const found = { name, url: withoutPassword(url), variable: places[name].variable }
  try {
    await ask(url)
    return { ...found, missing: undefined }
  } catch (error) {
    return { ...found, missing: reason(error) }
  }
}

/** Refused connections to `localhost` arrive as an AggregateError whose own message is empty. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ')
  return error instanceof Error ? error.message || error.name : String(error)
}

function withoutPassword(url: string): string {
  const parsed = new URL(url)
  if (parsed.password !== '') parsed.password = '***'
  return parsed.href
}

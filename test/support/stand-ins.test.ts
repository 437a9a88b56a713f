import { expect, inject, test } from 'vitest'
import { canStartServer } from './server-process.ts'
import { type ServiceName, serviceNames, probeServices, servicesRequired } from './services.ts'
import { startStandIns } from './stand-ins.ts'

/** Nothing listens on port 1. */
const nowhere: Readonly<Record<ServiceName, string>> = {
  postgres: 'postgres://postgres@127.0.0.1:1/postgres',
  mysql: 'mysql://root@127.0.0.1:1',
  redis: 'redis://127.0.0.1:1',
}
const variables = {
  postgres: 'MILLRACE_PG_URL',
  mysql: 'MILLRACE_MYSQL_URL',
  redis: 'MILLRACE_REDIS_URL',
} as const

/** All services elsewhere, but for one. */
function onlyMissing(name: ServiceName): Record<string, string> {
  return Object.fromEntries(
    serviceNames
      .filter((other) => other !== name)
      .map((other) => [variables[other], nowhere[other]]),
  )
}

test.for(serviceNames)(
  'a service that does not answer in its usual place gets a stand-in: %s',
  { timeout: 60_000 },
  async (name, context) => {
    if (!servicesRequired() && !canStartServer(name)) context.skip('its binaries are not here')
    const env = onlyMissing(name)
    const found = await probeServices({ env, usual: nowhere })
    expect(found[name]).toMatchObject({ pointedAt: false, missing: expect.any(String) as string })
    const outcome = await startStandIns(inject('millraceRun'), found, { env })
    const [standIn] = outcome.standIns
    try {
      // The others are where a variable says, and stay missing.
      expect(outcome.standIns).toHaveLength(1)
      expect(standIn?.missed).toBe(found[name])
      expect(outcome.env).toEqual({ [variables[name]]: standIn?.server.url })
      expect(outcome.services).toEqual({
        ...found,
        [name]: expect.objectContaining({ name, missing: undefined }) as unknown,
      })
      const again = await probeServices({ env: { ...env, ...outcome.env }, usual: nowhere })
      expect(again).toEqual(outcome.services)
    } finally {
      await standIn?.server.kill()
    }
  },
)

test('no server is started for a database that this run leaves out', async () => {
  const env = { ...onlyMissing('mysql'), MILLRACE_DATABASES: 'sqlite,postgres' }
  const found = await probeServices({ env, usual: nowhere })
  const outcome = await startStandIns(inject('millraceRun'), found, { env })
  expect(outcome).toEqual({ services: found, standIns: [], env: {} })
})

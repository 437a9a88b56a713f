import knex, { type Knex } from 'knex'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configOf, connectionTo } from './database-config.ts'
import { canStartPrivateServer, type PrivateServer, startPrivateServer } from './private-server.ts'
import { probeRedis } from './probe.ts'
import { isRunning, isStopped } from './processes.ts'
import { type ServiceName, servicesRequired } from './services.ts'

/** Without its binaries on this machine a server's tests are skipped, or fail where all are required. */
function cannotRun(name: ServiceName): boolean {
  return !servicesRequired() && !canStartPrivateServer(name)
}

for (const name of ['postgres', 'mysql'] as const) {
  describe.skipIf(cannotRun(name))(`a private server [${name}]`, () => {
    let server: PrivateServer

    beforeAll(async () => {
      server = await startPrivateServer(name)
    }, 60_000)

    afterAll(async () => {
      await server.stop()
    })

    function open(): Knex {
      const database = name === 'postgres' ? 'postgres' : 'mysql'
      return knex({
        ...configOf({ dialect: name, connection: connectionTo(server.url, database) }),
        log: { warn: () => undefined },
      })
    }

    test('keeps committed rows over SIGKILL and restart', async () => {
      const db = open()
      await db.schema.createTable('kept', (table) => {
        table.integer('id')
      })
      await db('kept').insert({ id: 7 })
      const { pid } = server
      await server.kill()
      expect(isRunning(pid)).toBe(false)
      await expect(db.raw('select 1')).rejects.toThrow()
      await db.destroy()
      await server.restart()
      const again = open()
      expect(await again('kept').select('id')).toEqual([{ id: 7 }])
      await again.destroy()
    })

    test('does not answer while frozen, and goes on when thawed', async () => {
      const db = open()
      await db.raw('select 1')
      await server.freeze()
      expect(isStopped(server.pid)).toBe(true)
      let answered = false
      const answer = db.raw('select 1').then(() => {
        answered = true
      })
      await new Promise((resolve) => setTimeout(resolve, 200))
      expect(answered).toBe(false)
      server.thaw()
      await answer
      await db.destroy()
    })
  })
}

test.skipIf(cannotRun('redis'))(
  'a private server [redis] restarts, with more arguments',
  async () => {
    const server = await startPrivateServer('redis', { args: ['--appendonly', 'yes'] })
    const { pid } = server
    await server.restart()
    expect(server.pid).not.toBe(pid)
    await probeRedis(server.url)
    await server.kill()
    await expect(probeRedis(server.url)).rejects.toThrow()
  },
)

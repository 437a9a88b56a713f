import { expect, test } from 'vitest'
import { describeDatabases } from '../support/databases.ts'
import { seeded } from '../support/seed.ts'
import { CrashRun, flawless } from './crash-run.ts'

/** `MILLRACE_LONG=1` kills 50 times, `MILLRACE_KILLS=n` as often as it says; a short run 4 times. */
const kills = Number(process.env['MILLRACE_KILLS'] ?? (process.env['MILLRACE_LONG'] ? 50 : 4))
const timeoutMs = 60_000 + kills * 15_000

describeDatabases('write buffer under SIGKILL', (name) => {
  // The three of a database run beside each other: they wait for processes to start and to die.
  test.concurrent.each([
    ['one process', false],
    ['a cluster', true],
  ])(
    'B1, B2: what %s acknowledged is applied exactly once, whenever it is killed',
    async (title, cluster) => {
      const run = await CrashRun.open(name, seeded(`${name} ${title} SIGKILL`), cluster)
      try {
        for (let n = 0; n < kills; n++) await run.killedLife()
        const verdict = await run.judge(await run.recover())
        console.log(name, title, Object.fromEntries(run.ends), {
          sent: verdict.sent,
          acknowledged: verdict.acknowledged,
          applied: verdict.applied,
        })
        expect(verdict).toMatchObject(flawless)
        expect(verdict.acknowledged).toBeGreaterThan(kills)
      } finally {
        await run.close()
      }
    },
    timeoutMs,
  )

  test.concurrent(
    'B7: SIGTERM under load applies what was acknowledged and ends the process by that signal',
    async () => {
      const run = await CrashRun.open(name, seeded(`${name} SIGTERM`))
      try {
        for (let n = 0; n < Math.min(kills / 2, 3); n++) {
          expect(await run.terminatedLife()).toBe('SIGTERM')
          // Nobody has opened the journal again: the life itself applied everything.
          expect(await run.judge(0)).toMatchObject(flawless)
        }
        expect(run.acknowledged.size).toBeGreaterThan(0)
      } finally {
        await run.close()
      }
    },
    timeoutMs,
  )
})

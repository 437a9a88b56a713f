import { fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { fixturePath } from './fixture.ts'
import { seeded } from './seed.ts'
import { until } from './wait.ts'

test('until() resolves to what the condition answers, and takes an error for "not yet"', async () => {
  let calls = 0
  const answer = await until(() => {
    calls++
    if (calls < 3) throw new Error('not yet')
    return calls < 5 ? undefined : `call ${String(calls)}`
  })
  expect(answer).toBe('call 5')
})

test('until() gives up and says what it waited for', async () => {
  const cause = new Error('the last reason')
  const waiting = until(() => Promise.reject(cause), { timeoutMs: 10, what: 'the impossible' })
  await expect(waiting).rejects.toThrow(
    expect.objectContaining({ message: 'Waited 10 ms in vain for the impossible.', cause }),
  )
})

test('a seed replays its test and no other', () => {
  vi.spyOn(console, 'log').mockReturnValue()
  const first = seeded('one')
  vi.stubEnv('MILLRACE_SEED', String(first.seed))
  try {
    const draw = (name: string) => {
      const { random, int, pick } = seeded(name)
      return [random(), int(1000), pick(['a', 'b', 'c']), random()]
    }
    expect(draw('one')).toEqual(draw('one'))
    expect(draw('one')[0]).toBe(first.random())
    expect(draw('one')).not.toEqual(draw('two'))
    const { random } = seeded('mean')
    const mean = Array.from({ length: 10_000 }, random).reduce((sum, x) => sum + x) / 10_000
    expect(mean).toBeCloseTo(0.5, 1)
  } finally {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  }
})

test('a fixture is a compiled program that a test can fork', async () => {
  const child = fork(fixturePath('support/echo.fixture.ts'))
  child.send({ hello: 1n.toString() })
  const [message] = (await once(child, 'message')) as unknown[]
  expect(message).toEqual({ echo: { hello: '1' }, codes: 'MILLRACE_CLOSED' })
  child.disconnect()
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(() => fixturePath('support/nothing.ts')).toThrow('no compiled fixture')
})

import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { SessionTurns } from '../../src/coherence/session-turns.ts'

/** A statement that takes its turn and gives it back when it is told to. */
function statement(turns: SessionTurns, log: string[], name: string): () => Promise<string> {
  return async () => {
    turns.take()
    log.push(name)
    await turn()
    turns.release()
    return name
  }
}

test('who waits starts in the order of calling, each when the one before is over', async () => {
  const turns = new SessionTurns()
  const log: string[] = []
  const first = statement(turns, log, 'a')()
  const second = turns.wait(statement(turns, log, 'b'))
  const third = turns.wait(statement(turns, log, 'c'))
  expect(log).toEqual(['a'])
  await first
  expect(log).toEqual(['a', 'b'])
  expect(await second).toBe('b')
  expect(await third).toBe('c')
  expect(turns.isTaken).toBe(false)
})

test('who takes no turn lets the next one start at once', async () => {
  const turns = new SessionTurns()
  const log: string[] = []
  const first = statement(turns, log, 'a')()
  const read = turns.wait(() => Promise.resolve(log.push('read')))
  const next = turns.wait(statement(turns, log, 'b'))
  await first
  expect(log).toEqual(['a', 'read', 'b'])
  await Promise.all([read, next])
  expect(turns.isTaken).toBe(false)
})

test('one that throws when it starts rejects, and holds nobody up', async () => {
  const turns = new SessionTurns()
  const log: string[] = []
  const first = statement(turns, log, 'a')()
  const thrown = turns.wait(() => {
    throw new Error('empty')
  })
  const next = turns.wait(statement(turns, log, 'b'))
  await expect(thrown).rejects.toThrow('empty')
  await Promise.all([first, next])
  expect(log).toEqual(['a', 'b'])
})

test('who is sent from within another does not end its turn', async () => {
  const turns = new SessionTurns()
  const log: string[] = []
  turns.take()
  const within = statement(turns, log, 'within')()
  const next = turns.wait(statement(turns, log, 'next'))
  await within
  expect(log).toEqual(['within'])
  turns.release()
  await next
  expect(log).toEqual(['within', 'next'])
})

test('a hundred thousand that are over as soon as they start take neither the stack nor long', async () => {
  const turns = new SessionTurns()
  let over = 0
  turns.take()
  const all = Array.from({ length: 100_000 }, () =>
    turns.wait(() => {
      turns.take()
      over += 1
      turns.release()
      return Promise.resolve()
    }),
  )
  turns.release()
  await Promise.all(all)
  expect(over).toBe(100_000)
})

import { beforeEach, describe, expect, test } from 'vitest'
import { engineRules } from '../../src/coherence/engine-rules.ts'
import { SessionState } from '../../src/coherence/session-state.ts'
import { StatementGuard } from '../../src/coherence/statement-guard.ts'
import { TagSpace } from '../../src/coherence/tag-space.ts'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { MemoryAuthority } from '../../src/stores/memory/memory-authority.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

describe('what the guard tells of writes under way', () => {
  const log: string[] = []
  let underWay = 0
  let session: SessionState
  let guard: StatementGuard
  const analyser = new StatementAnalyser('postgres')

  beforeEach(() => {
    log.length = 0
    underWay = 0
    session = new SessionState()
    const authority = new MemoryAuthority({ clock: new FakeClock(), slotCount: 1024 })
    guard = new StatementGuard({
      authority,
      tags: new TagSpace('db', 1024),
      rules: engineRules('postgres', 30_000, authority),
      catalog: { loadedAt: 0, isTransactional: () => true },
      listener: {
        invalidated: () => undefined,
        catalogOutdated: () => undefined,
        outcomeUnknown: () => undefined,
        authorityLost: () => undefined,
      },
      watch: {
        begin: async () => {
          log.push('told')
          await Promise.resolve()
          expect(authority.standingMarks).toBe(underWay)
          underWay += 1
        },
        end: (outcome) => {
          underWay -= 1
          log.push(outcome)
        },
      },
    })
  })

  const run = (sql: string, error?: 'refused' | 'lost'): Promise<unknown> =>
    guard.run(session, analyser.footprint(sql), {
      send: () => {
        log.push(sql)
        return error === undefined ? Promise.resolve() : Promise.reject(new Error(error))
      },
      rollBack: () => Promise.resolve(),
      isUnknown: (thrown) => (thrown as Error).message === 'lost',
      endsTransaction: () => false,
      schemaChanged: () => Promise.resolve(),
      bindings: [],
      isStream: false,
      answer: () => undefined,
      inTransaction: () => undefined,
    })

  test('nothing of a transaction that only reads', async () => {
    for (const sql of ['begin', 'select 1', 'commit']) await run(sql)
    expect(log).toEqual(['begin', 'select 1', 'commit'])
  })

  test('a write of its own: before it is sent, until it is answered', async () => {
    await run('update t set a = 1')
    expect(log).toEqual(['told', 'update t set a = 1', 'known'])
    log.length = 0
    await expect(run('update t set a = 1', 'refused')).rejects.toThrow()
    expect(log).toEqual(['told', 'update t set a = 1', 'known'])
  })

  test('a transaction: before COMMIT is sent, until it is answered', async () => {
    for (const sql of ['begin', 'update t set a = 1']) await run(sql)
    expect(log).toEqual(['begin', 'update t set a = 1'])
    log.length = 0
    await run('commit')
    expect(log).toEqual(['told', 'commit', 'known'])
  })

  test('a COMMIT without an answer, and a connection that is gone', async () => {
    for (const sql of ['begin', 'update t set a = 1']) await run(sql)
    log.length = 0
    await expect(run('commit', 'lost')).rejects.toThrow()
    expect(log).toEqual(['told', 'commit', 'unknown'])
    guard.drop(session)
    expect(underWay).toBe(0)
  })
})

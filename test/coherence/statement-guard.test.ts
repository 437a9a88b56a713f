import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Footprint } from '../../src/contract/footprint.ts'
import { begin, commit, control, fail, plain, rollback, setUp, write } from './guard-rig.ts'

describe('StatementGuard', () => {
  test('G1, G2: an autocommit write is marked before it is sent and touched before it resolves', async () => {
    const { run, log } = setUp('postgres')
    await run(write('a'))
    expect(log).toEqual(['mark [a any]', 'send', 'settle [a any]'])
  })

  test('a read is sent as it is', async () => {
    const { run, log } = setUp('postgres')
    await run([plain])
    expect(log).toEqual(['send'])
  })

  test('G2: a transaction is marked before COMMIT and touched after it', async () => {
    const { run, log } = setUp('postgres')
    await run(begin)
    await run(write('a'))
    await run(write('b'))
    expect(log).toEqual(['send', 'send', 'send'])
    await run(commit)
    expect(log.slice(3)).toEqual(['mark [a any b]', 'send', 'settle [a any b]'])
  })

  test('SQLite announces before its write lock is taken', async () => {
    const { run, log } = setUp('sqlite')
    await run(begin)
    await run(write('a'))
    await run(write('a'))
    await run(write('b'))
    await run(commit)
    expect(log).toEqual([
      'send',
      'mark [a any]',
      'send',
      'send',
      'mark [b]',
      'send',
      'send',
      'settle [a any b]',
      'settle [b]',
    ])
  })

  test('G4: ROLLBACK lifts the marks and touches nothing', async () => {
    const { run, log } = setUp('sqlite')
    await run(begin)
    await run(write('a'))
    await run(rollback)
    expect(log.at(-1)).toBe('settle []')
  })

  test('MySQL: a table without transactions counts as autocommit in a transaction', async () => {
    const { run, log } = setUp('mysql')
    await run(begin)
    await run(write('a', 'myisam'))
    expect(log.slice(1)).toEqual(['mark [any myisam]', 'send', 'settle [any myisam]'])
    await run(rollback)
    expect(log.slice(4)).toEqual(['send'])
  })

  test('a failed statement touches: some engines keep part of its work', async () => {
    const { run, log } = setUp('postgres')
    await expect(run(write('a'), fail('refused'))).rejects.toBe('refused')
    expect(log).toEqual(['mark [a any]', 'send', 'settle [a any]'])
  })

  test('G3: an unanswered COMMIT leaves its marks for the settle delay', async () => {
    const { run, log, session, outdated } = setUp('postgres')
    await run(begin)
    await run(write('a'))
    await expect(run(commit, fail('lost'))).rejects.toBe('lost')
    expect(log.slice(2)).toEqual(['mark [a any]', 'send', 'settle later'])
    expect(outdated).toEqual(['unknown'])
    // Should the connection live on, its transaction may too: it is still followed, and trusted in nothing.
    expect(session.doubtful).toBe(true)
    log.length = 0
    await run(commit)
    expect(log).toEqual(['mark [a any]', 'send', 'settle [a any]'])
  })

  test('a refused COMMIT counts as committed', async () => {
    const { run, log } = setUp('postgres')
    await run(begin)
    await run(write('a'))
    await expect(run(commit, fail('constraint'))).rejects.toBe('constraint')
    expect(log.at(-1)).toBe('settle [a any]')
  })

  test('SQLite: a COMMIT that left the transaction open leaves its marks', async () => {
    const { run, log, session } = setUp('sqlite')
    await run(begin)
    await run(write('a'))
    await expect(run(commit, fail('busy'), { inTransaction: () => true })).rejects.toBe('busy')
    expect(log.at(-1)).toBe('send')
    expect(session.scope.isOpen).toBe(true)
    await run(rollback)
    expect(log.at(-1)).toBe('settle []')
  })

  test('G7: a write that cannot be announced is not sent, and its transaction is rolled back', async () => {
    const { run, log, authority, session } = setUp('postgres')
    authority.refuse = true
    await expect(run(write('a'))).rejects.toThrow('no authority')
    expect(log).toEqual([])
    await run(begin)
    await run(write('a'))
    await expect(run(commit)).rejects.toThrow('no authority')
    expect(log).toEqual(['send', 'send', 'roll back'])
    expect(session.scope.isOpen).toBe(false)
  })

  test('MySQL: BEGIN and schema changes commit what was open', async () => {
    const { run, log } = setUp('mysql')
    await run(begin)
    await run(write('a'))
    await run(begin)
    expect(log.slice(2)).toEqual(['mark [a any]', 'send', 'settle [a any]'])
    await run(write('b'))
    await run([{ ...plain, verb: 'create', commitsImplicitly: true, changesSchema: true }])
    expect(log.slice(-4)).toEqual([
      'mark [any b schema]',
      'send',
      'settle [any b schema]',
      'catalog',
    ])
  })

  test('MySQL: after a deadlock each statement counts as committed and as part of the transaction', async () => {
    const { run, log, session } = setUp('mysql')
    await run(begin)
    await run(write('a'))
    await expect(run(write('a'), fail('deadlock'))).rejects.toBe('deadlock')
    expect(session.doubtful).toBe(true)
    log.length = 0
    await run(write('b'))
    expect(log).toEqual(['mark [any b]', 'send', 'settle [any b]'])
    await run(commit)
    expect(log.at(-1)).toMatch(/^settle/)
    expect(session.doubtful).toBe(false)
  })

  test('MySQL: with autocommit off, a write waits for COMMIT', async () => {
    const { run, log } = setUp('mysql')
    await run(control({ op: 'autocommit', on: false }))
    await run(write('a'))
    expect(log).toEqual(['send', 'send'])
    await run(commit)
    expect(log.slice(2)).toEqual(['mark [a any]', 'send', 'settle [a any]'])
  })

  test('a write with a catalog older than the schema counts for every table', async () => {
    const { run, log, authority, outdated } = setUp('postgres')
    authority.watched = 7
    await run(write('a'))
    expect(log).toEqual([
      'mark [a any]',
      'settle []',
      'mark [a any]',
      'mark [any everything]',
      'send',
      'settle [a any]',
      'settle [any everything]',
    ])
    expect(outdated).toEqual(['outdated'])
  })

  test('G1: a transaction that wrote before the catalog was read again counts for every table', async () => {
    const { run, log, authority, catalog } = setUp('postgres')
    authority.watched = 7
    await run(begin)
    await run(write('a'))
    catalog.loadedAt = 7
    await run(commit)
    expect(log.slice(2)).toEqual([
      'mark [a any]',
      'mark [any everything]',
      'send',
      'settle [a any]',
      'settle [any everything]',
    ])
    log.length = 0
    await run(write('a'))
    expect(log).toEqual(['mark [a any]', 'send', 'settle [a any]'])
  })

  test('after a schema change, writes of the same transaction count for every table', async () => {
    const { run, log } = setUp('postgres')
    await run(begin)
    await run([{ ...plain, verb: 'create', changesSchema: true }])
    await run(write('a'))
    await run(commit)
    expect(log.slice(3)).toEqual([
      'mark [any everything schema]',
      'send',
      'settle [any everything schema]',
      'catalog',
    ])
  })

  test('MySQL: a schema change that fails has committed what was open, or not: it counts both ways', async () => {
    const { run, log, session } = setUp('mysql')
    await run(begin)
    await run(write('a'))
    const create = [{ ...plain, verb: 'create', commitsImplicitly: true, writes: new Set(['b']) }]
    await expect(run(create, fail('exists'))).rejects.toBe('exists')
    expect(log.slice(2)).toEqual(['mark [a any b]', 'send', 'settle [a any b]'])
    expect(session.doubtful).toBe(true)
    await run(write('a'))
    expect(log.slice(5)).toEqual(['mark [a any]', 'send', 'settle [a any]'])
    await run(rollback)
    expect(session.doubtful).toBe(false)
  })

  test('the driver knows better: what seemed to commit did not', async () => {
    const { run, log } = setUp('mysql')
    const open = { inTransaction: () => true }
    await run(begin, undefined, open)
    await run(write('a'), undefined, open)
    await run(control({ op: 'autocommit', on: true }), undefined, open)
    log.length = 0
    await run(commit, undefined, { inTransaction: () => false })
    expect(log).toEqual(['mark [a any]', 'send', 'settle [a any]'])
  })

  test('G4: the driver knows better: a transaction that no words opened', async () => {
    const { run, session } = setUp('mysql')
    const xa: Footprint = [{ ...plain, verb: 'xa', writes: 'everything' }]
    await run(xa, undefined, { inTransaction: () => true })
    expect(session.isPrivate).toBe(true)
  })

  test('the driver knows better: a transaction that the engine ended', async () => {
    const { run, log, session } = setUp('postgres')
    await run(begin)
    await run(write('a'))
    await run([plain], undefined, { inTransaction: () => false })
    expect(log.slice(2)).toEqual(['send', 'bump [a any]'])
    expect(session.scope.isOpen).toBe(false)
  })

  test('a COMMIT waits for a write that nobody awaited, and counts it', async () => {
    const { run, log } = setUp('postgres')
    await run(begin)
    let answer: ((value: unknown) => void) | undefined
    const unawaited = run(write('a'), () => new Promise((resolve) => (answer = resolve)))
    const committing = run(commit)
    await setImmediate()
    expect(log).toEqual(['send', 'send'])
    answer?.(undefined)
    await Promise.all([unawaited, committing])
    expect(log).toEqual(['send', 'send', 'mark [a any]', 'send', 'settle [a any]'])
  })

  test.each(['mysql', 'postgres'] as const)(
    'what follows a stream in a transaction counts both ways where a refusal may end that: %s',
    async (dialect) => {
      const { run, log } = setUp(dialect)
      await run(begin)
      let end: ((value: unknown) => void) | undefined
      const reading = run([plain], () => new Promise((resolve) => (end = resolve)), {
        isStream: true,
      })
      await run(write('b'))
      expect(log.includes('mark [any b]')).toBe(dialect === 'mysql')
      end?.(undefined)
      await reading
      await run(commit)
      expect(log.at(-1)).toContain('any b')
    },
  )

  test('a statement without an answer does not make a transaction forget by which schema it was judged', async () => {
    const { run, log, catalog, authority } = setUp('postgres')
    await run(begin)
    await run(write('a'))
    await expect(run([plain], fail('lost'), { isStream: true })).rejects.toBe('lost')
    // The schema has changed after the write was judged, and the catalog knows it by now.
    authority.watched = 3
    catalog.loadedAt = 5
    await run(commit)
    expect(log).toContain('mark [any everything]')
  })

  test('a write that follows one whose answer ends the transaction stands alone', async () => {
    const { run, log } = setUp('mysql')
    await run(begin)
    const refused = run(write('a'), fail('deadlock'))
    const later = run(write('b'))
    await expect(refused).rejects.toBe('deadlock')
    await later
    expect(log).toContain('mark [any b]')
  })

  test('G7: a committed write is not refused because the authority went away', async () => {
    const { run, authority, outdated } = setUp('postgres')
    authority.bump = () => {
      throw new Error('gone')
    }
    await run(begin)
    await run(write('a'))
    await run([plain], undefined, { inTransaction: () => false })
    expect(outdated).toEqual(['lost'])
  })

  test('a session whose names may mean something else writes to every table', async () => {
    const { run, log, session } = setUp('postgres')
    await run([{ ...plain, verb: 'set', altersSession: true }])
    expect(session.isPrivate).toBe(true)
    await run(write('a'))
    expect(log.slice(1)).toEqual(['mark [any everything]', 'send', 'settle [any everything]'])
  })

  test('several statements in one text are all announced', async () => {
    const { run, log } = setUp('postgres')
    await run([...begin, ...write('a'), ...commit])
    expect(log).toEqual(['mark [a any]', 'send', 'settle [a any]'])
  })

  test('G3: a connection that is closed in the middle leaves its marks for the settle delay', async () => {
    const { run, log, guard, session } = setUp('sqlite')
    await run(begin)
    await run(write('a'))
    guard.drop(session)
    expect(log.at(-1)).toBe('settle later')
    expect(session.scope.isOpen).toBe(false)
  })
})

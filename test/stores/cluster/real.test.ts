import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { fixturePath } from '../../support/fixture.ts'

interface Report {
  readonly reports: Record<string, number>[]
  readonly appMessages: number
  readonly marks: number
  readonly seen?: readonly string[]
}

async function run(
  scenario: string,
  serialization: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Report> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace_test_cluster_'))
  const file = join(directory, 'data.db')
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  for (const table of ['data', 'acknowledged']) {
    db.exec(`create table ${table} (id integer primary key, v integer)`)
    for (let id = 0; id < 4; id++) db.exec(`insert into ${table} values (${String(id)}, 0)`)
  }
  db.close()
  const child = fork(
    fixturePath('stores/cluster/real.fixture.ts'),
    [scenario, serialization, file],
    {
      env: { ...process.env, ...env },
    },
  )
  try {
    const exit = once(child, 'exit').then(() => {
      throw new Error('the primary ended without a report')
    })
    const [message] = (await Promise.race([once(child, 'message'), exit])) as [{ report: Report }]
    return message.report
  } finally {
    child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
}

const sum = (reports: Record<string, number>[], field: string): number =>
  reports.reduce((total, report) => total + (report[field] ?? 0), 0)

describe.each(['json', 'advanced'])('real workers, %s serialization', (serialization) => {
  test('G1: bursts of writes and concurrent readers in four workers: no stale read', async () => {
    const { reports, appMessages, marks } = await run('traffic', serialization)
    console.log(JSON.stringify(reports))
    expect(sum(reports, 'stale')).toBe(0)
    expect(sum(reports, 'hits')).toBeGreaterThan(100)
    expect(sum(reports, 'writes')).toBeGreaterThan(20)
    expect(appMessages).toBe(8)
    expect(marks).toBe(0)
  })

  test('1,000 concurrent misses over four workers are one query, and types survive', async () => {
    const { reports } = await run('herd', serialization)
    expect(sum(reports, 'queries')).toBe(1)
    expect(sum(reports, 'good')).toBe(1000)
  })
})

test('the harness finds stale reads where marks are only lifted', async () => {
  const { reports } = await run('traffic', 'json', { MILLRACE_TEST_NAIVE: '1' })
  expect(sum(reports, 'stale')).toBeGreaterThan(0)
})

test('G3: a killed worker’s mark stands for its settle delay, then touches', async () => {
  expect(await run('death', 'json')).toEqual({ seen: ['pending', 'pending', 'miss'] })
})

test('G7: when the primary closes Millrace, reads bypass and marks are refused', async () => {
  const { reports } = await run('lost', 'json')
  expect(reports).toEqual(
    Array.from({ length: 4 }, () => ({
      lookup: { kind: 'bypass', reason: 'store-lost' },
      mark: 'MILLRACE_STORE_LOST',
    })),
  )
})

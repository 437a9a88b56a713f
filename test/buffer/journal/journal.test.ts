import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { writeFrame } from '../../../src/buffer/journal/frame.ts'
import { journalExists, openJournal } from '../../../src/buffer/journal/open-journal.ts'
import { thisProcess } from '../../../src/base/process-identity.ts'
import type { Journal } from '../../../src/contract/journal.ts'
import { fixturePath } from '../../support/fixture.ts'
import { runDirectory } from '../../support/run.ts'

let directory: string
const opened: Journal[] = []
const children: ChildProcess[] = []

beforeEach(() => {
  mkdirSync(runDirectory(inject('millraceRun')), { recursive: true })
  directory = mkdtempSync(join(runDirectory(inject('millraceRun')), 'journal-'))
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((journal) => journal.close()))
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function openHere(path = directory): Promise<Journal> {
  const journal = await openJournal({ directory: path })
  opened.push(journal)
  return journal
}

const bytes = (text: string): Buffer => Buffer.from(text)
const texts = (journal: Journal, lane = 'default'): string[] =>
  [...journal.read(lane)].map(
    (turn) => `${String(turn.first)}-${String(turn.last)} ${Buffer.from(turn.bytes).toString()}`,
  )

/** The file itself, as a vandal reaches it. */
async function tamper(
  change: (file: ReturnType<typeof openFile>) => unknown,
  path = directory,
): Promise<void> {
  const file = openFile(path)
  await change(file)
  await file.close()
}

function openFile(path: string) {
  return open<Buffer, (string | number)[]>({
    path: join(path, 'journal.lmdb'),
    noSubdir: true,
    encoding: 'binary',
    useVersions: true,
    overlappingSync: false,
  })
}

describe('turns', () => {
  test('B1: acknowledged turns are there after a new start, in order, with their source', async () => {
    expect(journalExists(directory)).toBe(false)
    const journal = await openHere()
    const { source } = journal
    await Promise.all([
      journal.append('default', { first: 1, last: 3, bytes: bytes('a') }),
      journal.append('default', { first: 4, last: 4, bytes: bytes('b') }),
      journal.append('other', { first: 1, last: 2, bytes: bytes('c') }),
    ])
    expect(texts(journal)).toEqual(['1-3 a', '4-4 b'])
    await journal.close()
    expect(journalExists(directory)).toBe(true)
    const again = await openHere()
    expect(again.source).toBe(source)
    expect([...again.lanes()].sort()).toEqual(['default', 'other'])
    expect(texts(again)).toEqual(['1-3 a', '4-4 b'])
    expect(texts(again, 'other')).toEqual(['1-2 c'])
    expect(texts(again, 'unknown')).toEqual([])
    await again.append('default', { first: 5, last: 5, bytes: bytes('d') })
    expect(texts(again)).toEqual(['1-3 a', '4-4 b', '5-5 d'])
  })

  test('two journals have two sources', async () => {
    const one = await openHere()
    const other = await openHere(join(directory, 'not', 'there', 'yet'))
    expect(one.source).not.toBe(other.source)
  })

  test('a turn that does not follow is refused and nothing of it is kept', async () => {
    const journal = await openHere()
    await journal.append('default', { first: 1, last: 2, bytes: bytes('a') })
    for (const first of [2, 4]) {
      const turn = { first, last: 9, bytes: bytes('no') }
      await expect(journal.append('default', turn)).rejects.toMatchObject({
        code: 'MILLRACE_JOURNAL_GAP',
      })
    }
    expect(texts(journal)).toEqual(['1-2 a'])
  })

  test('trim drops whole turns up to a position and remembers it', async () => {
    const journal = await openHere()
    for (let n = 1; n <= 9; n += 3) {
      await journal.append('default', { first: n, last: n + 2, bytes: bytes(String(n)) })
    }
    await journal.trim('default', 4)
    expect(journal.checkpoint('default')).toBe(4)
    expect(texts(journal)).toEqual(['4-6 4', '7-9 7'])
    await journal.trim('default', 2)
    expect(journal.checkpoint('default')).toBe(4)
    await journal.close()
    const again = await openHere()
    expect(again.checkpoint('default')).toBe(4)
    expect(texts(again)).toEqual(['4-6 4', '7-9 7'])
    await again.trim('default', 9)
    expect(texts(again)).toEqual([])
    await again.close()
    const last = await openHere()
    expect(last.checkpoint('default')).toBe(9)
    expect(last.lanes()).toEqual(['default'])
    await last.append('default', { first: 10, last: 10, bytes: bytes('x') })
    expect(texts(last)).toEqual(['10-10 x'])
  })

  test('trim above the end moves the lane there', async () => {
    const journal = await openHere()
    await journal.append('default', { first: 1, last: 2, bytes: bytes('a') })
    await journal.trim('default', 7)
    await expect(
      journal.append('default', { first: 3, last: 3, bytes: bytes('b') }),
    ).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_GAP' })
    await journal.append('default', { first: 8, last: 8, bytes: bytes('b') })
    await journal.close()
    expect(texts(await openHere())).toEqual(['8-8 b'])
  })

  test('a lane may begin anywhere', async () => {
    const journal = await openHere()
    await journal.append('default', { first: 41, last: 42, bytes: bytes('a') })
    await journal.close()
    const again = await openHere()
    expect(texts(again)).toEqual(['41-42 a'])
    expect(again.checkpoint('default')).toBe(40)
  })

  test('a closed journal takes nothing', async () => {
    const journal = await openHere()
    await Promise.all([journal.close(), journal.close()])
    const late = journal.append('default', { first: 1, last: 1, bytes: bytes('late') })
    await expect(late).rejects.toMatchObject({ code: 'MILLRACE_CLOSED' })
  })

  test('close waits for what was handed in', async () => {
    const journal = await openHere()
    const append = journal.append('default', { first: 1, last: 1, bytes: bytes('a') })
    await journal.close()
    await append
    expect(texts(await openHere())).toEqual(['1-1 a'])
  })
})

describe('damage', () => {
  async function journalOf(turns: number): Promise<void> {
    const journal = await openJournal({ directory })
    for (let n = 1; n <= turns; n++) {
      await journal.append('default', { first: n, last: n, bytes: bytes(`turn ${String(n)}`) })
    }
    await journal.close()
  }
  /** As it would be if the process had died right after the last commit: the file does not know it synced. */
  const forgetSynced = (synced: number): Promise<void> =>
    tamper((file) => {
      const body = Buffer.alloc(16)
      body.writeBigUInt64BE(BigInt(synced), 8)
      return file.put(['lane', 'default'], writeFrame('lane', body), 0)
    })
  const cut = (last: number): Promise<void> =>
    tamper((file) => {
      const value = file.get(['turn', 'default', last])
      return file.put(['turn', 'default', last], (value ?? bytes('')).subarray(0, -3), 0)
    })
  const flip = (last: number): Promise<void> =>
    tamper((file) => {
      const value = Buffer.from(file.get(['turn', 'default', last]) ?? [])
      value[value.length - 1] = (value.at(-1) ?? 0) ^ 1
      return file.put(['turn', 'default', last], value, 0)
    })

  test('a torn last turn that was never acknowledged is dropped, and its numbers are used again', async () => {
    await journalOf(3)
    await forgetSynced(2)
    await cut(3)
    const journal = await openHere()
    expect(texts(journal)).toEqual(['1-1 turn 1', '2-2 turn 2'])
    await journal.append('default', { first: 3, last: 4, bytes: bytes('again') })
    expect(texts(journal)).toEqual(['1-1 turn 1', '2-2 turn 2', '3-4 again'])
    await journal.close()
    expect(texts(await openHere())).toEqual(['1-1 turn 1', '2-2 turn 2', '3-4 again'])
  })

  test.each([
    ['an acknowledged last turn', () => cut(3)],
    ['a flipped bit in it', () => flip(3)],
  ])('damage of %s is reported', async (_title, damage) => {
    await journalOf(3)
    await damage()
    await expect(openHere()).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_UNREADABLE',
      remedy: expect.any(String) as string,
    })
    await expect(openHere(), 'the failed opening gave the journal back').rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_UNREADABLE',
    })
  })

  test('damage in the middle, and a missing turn, are reported when read', async () => {
    await journalOf(4)
    await flip(2)
    const journal = await openHere()
    expect(() => texts(journal)).toThrow(/up to 2 .* damaged/)
    await journal.close()
    await tamper((file) => file.remove(['turn', 'default', 2]))
    const again = await openHere()
    expect(() => texts(again)).toThrow(/2 to 2 .* missing/)
  })

  test('a missing end is reported', async () => {
    await journalOf(3)
    await tamper((file) => file.remove(['turn', 'default', 3]))
    await expect(openHere()).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_UNREADABLE' })
  })

  test('a turn under the key of another is damage', async () => {
    await journalOf(3)
    await tamper((file) =>
      file.put(['turn', 'default', 2], file.get(['turn', 'default', 1]) ?? bytes(''), 0),
    )
    const journal = await openHere()
    expect(() => texts(journal)).toThrow(/damaged/)
  })

  test('a file that is no journal is reported', async () => {
    writeFileSync(join(directory, 'journal.lmdb'), Buffer.alloc(65_536, 'no journal '))
    await expect(openHere()).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_UNREADABLE' })
  })

  test('a newer format is refused with a remedy, and left as it is', async () => {
    await journalOf(1)
    await tamper(async (file) => {
      const value = Buffer.from(file.get(['header']) ?? [])
      value[2] = 2
      await file.put(['header'], value, 0)
      await file.put(['owner'], bytes('in a form of its own'), 1)
    })
    await expect(openHere()).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_UNREADABLE',
      message: expect.stringContaining('format 2') as string,
      remedy: expect.stringContaining('newer version') as string,
    })
    await tamper((file) => {
      expect(file.get(['owner'])?.toString()).toBe('in a form of its own')
    })
  })
})

describe('a directory that cannot be used', () => {
  test('below a file', async () => {
    writeFileSync(join(directory, 'file'), '')
    await expect(openHere(join(directory, 'file', 'journal'))).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_UNWRITABLE',
      message: expect.stringContaining('ENOTDIR') as string,
      remedy: expect.any(String) as string,
    })
  })

  test('below something that is no place for files', async () => {
    await expect(openHere('/proc/millrace')).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_UNWRITABLE',
    })
  })

  test.runIf(process.platform === 'linux')(
    'a full disk fails the append, keeps what was acknowledged, and is over when there is space',
    async () => {
      // A limit on the size of files stands in for the disk.
      const child = spawn(
        'bash',
        ['-c', 'ulimit -f 600; exec "$0" "$@"', process.execPath, full(), directory],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      children.push(child)
      let output = ''
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      const [code] = (await once(child, 'exit')) as [number]
      expect({ code, output }).toMatchObject({ code: 0 })
      const report = JSON.parse(output) as { acknowledged: number; codes: string[]; after: string }
      expect(new Set(report.codes)).toEqual(new Set(['MILLRACE_JOURNAL_UNWRITABLE']))
      expect(report.acknowledged).toBeGreaterThan(3)
      expect(report.after).toBe('written')
      const journal = await openHere()
      const turns = [...journal.read('default')]
      expect(turns.map((turn) => turn.last)).toEqual([report.acknowledged + 1])
    },
  )
})

function full(): string {
  return fixturePath('buffer/journal/full.fixture.ts')
}

describe('one owner', () => {
  interface Report {
    open?: boolean
    acknowledged?: number
    code?: string
    message?: string
  }
  function holder(turns = 0, path = directory): { child: ChildProcess; reports: Report[] } {
    const child = fork(fixturePath('buffer/journal/owner.fixture.ts'), [path, String(turns)])
    children.push(child)
    const reports: Report[] = []
    child.on('message', (report: Report) => reports.push(report))
    return { child, reports }
  }
  async function isOpen({ child, reports }: ReturnType<typeof holder>): Promise<Report> {
    for (;;) {
      const last = reports.find((report) => report.open !== undefined || report.code !== undefined)
      if (last !== undefined) return last
      await once(child, 'message')
    }
  }

  test('a second opening in this process is refused, by whatever path, and does not disturb', async () => {
    const journal = await openHere()
    symlinkSync(directory, `${directory}-link`)
    for (const path of [directory, `${directory}/.`, `${directory}-link`]) {
      await expect(openHere(path)).rejects.toMatchObject({
        code: 'MILLRACE_JOURNAL_LOCKED',
        message: expect.stringContaining(String(process.pid)) as string,
      })
    }
    await journal.append('default', { first: 1, last: 1, bytes: bytes('a') })
    expect(texts(journal)).toEqual(['1-1 a'])
    await journal.close()
    expect(texts(await openHere())).toEqual(['1-1 a'])
  })

  test('a live process keeps the others out, and its pid is named', async () => {
    const other = holder()
    expect(await isOpen(other)).toEqual({ open: true })
    await expect(openHere()).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_LOCKED',
      message: expect.stringContaining(String(other.child.pid)) as string,
    })
    other.child.send('close')
    await once(other.child, 'exit')
    await openHere()
    const late = holder()
    expect(await isOpen(late)).toMatchObject({ code: 'MILLRACE_JOURNAL_LOCKED' })
  })

  test('B1: a killed owner leaves what it acknowledged, and no lock', async () => {
    const other = holder(100_000)
    await once(other.child, 'message')
    await once(other.child, 'message')
    other.child.kill('SIGKILL')
    await once(other.child, 'exit')
    const acknowledged = Math.max(...other.reports.map((report) => report.acknowledged ?? 0))
    const journal = await openHere()
    const kept = [...journal.read('default')].map((turn) => turn.last)
    expect(kept.slice(0, acknowledged)).toEqual(
      Array.from({ length: acknowledged }, (_, index) => index + 1),
    )
  })

  test('of many that open at once one gets it', async () => {
    const all = Array.from({ length: 6 }, () => holder())
    const reports = await Promise.all(all.map(isOpen))
    expect(reports.filter((report) => report.open)).toHaveLength(1)
    expect(reports.filter((report) => report.code === 'MILLRACE_JOURNAL_LOCKED')).toHaveLength(5)
  })

  test.runIf(process.platform === 'linux')(
    'a process that has the number of a dead owner does not lock',
    async () => {
      await (await openJournal({ directory })).close()
      const recycled = { ...thisProcess(), start: '1' }
      const rebooted = { ...thisProcess(), boot: 'another' }
      for (const owner of [recycled, rebooted]) {
        await tamper((file) =>
          file.put(['owner'], writeFrame('owner', bytes(JSON.stringify(owner))), 5),
        )
        await (await openJournal({ directory })).close()
      }
      await tamper((file) =>
        file.put(['owner'], writeFrame('owner', bytes(JSON.stringify(thisProcess()))), 5),
      )
      await expect(openHere()).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_LOCKED' })
    },
  )

  test('an owner that was replaced is shut out', async () => {
    const journal = await openHere()
    await journal.append('default', { first: 1, last: 1, bytes: bytes('a') })
    await tamper((file) =>
      file.put(['owner'], writeFrame('owner', bytes(JSON.stringify({ pid: 1 }))), 5),
    )
    await expect(
      journal.append('default', { first: 2, last: 2, bytes: bytes('b') }),
    ).rejects.toMatchObject({ code: 'MILLRACE_JOURNAL_LOCKED' })
    await expect(journal.trim('default', 1)).rejects.toMatchObject({
      code: 'MILLRACE_JOURNAL_LOCKED',
    })
    await journal.close()
    await tamper((file) => {
      expect(file.get(['owner'])).toBeDefined()
    })
    expect(texts(await openHere())).toEqual(['1-1 a'])
  })
})

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { thisProcess } from '../../src/base/process-identity.ts'
import type { ProcessIdentity } from '../../src/base/process-identity.ts'
import { settlePreviousLives } from '../../src/coherence/previous-life.ts'
import { TagSpace } from '../../src/coherence/tag-space.ts'
import { MarkerDirectory } from '../../src/assembly/marker-directory.ts'
import { MemoryAuthority } from '../../src/stores/memory/memory-authority.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { until } from '../support/wait.ts'

const fresh = (): string => join(mkdtempSync(join(tmpdir(), 'markers-')), 'millrace')
const alive = thisProcess()
const dead: ProcessIdentity = { ...alive, pid: 2 ** 22 + 1 }
const reborn: ProcessIdentity = { ...alive, start: '1' }

test('who is dead, who lives', async () => {
  const directory = fresh()
  const look = new MarkerDirectory({ directory })
  expect(await look.dead('db')).toEqual([])
  await new MarkerDirectory({ directory, writer: alive }).write('db')
  expect(await look.dead('db')).toEqual([])
  await new MarkerDirectory({ directory, writer: dead }).write('db')
  expect(await look.dead('db')).toHaveLength(1)
  await new MarkerDirectory({ directory, writer: reborn }).write('db')
  expect(await look.dead('db')).toHaveLength(2)
  // A dead worker whose primary lives: that settles its marks.
  await new MarkerDirectory({ directory, writer: dead, owner: alive }).write('db')
  expect(await look.dead('db')).toHaveLength(2)
  expect(await look.ofDeadWorkers('db')).toHaveLength(1)
  // A live worker whose primary is dead: nobody knows its marks any more.
  await new MarkerDirectory({ directory, writer: alive, owner: dead }).write('db')
  expect(await look.dead('db')).toHaveLength(3)
  await new MarkerDirectory({ directory, writer: alive }).leave('db')
  expect(await look.dead('db')).toHaveLength(4)
  const [torn = ''] = await look.dead('db')
  writeFileSync(join(directory, torn), '{')
  expect(await look.dead('db')).toHaveLength(4)
  expect(await look.dead('other')).toEqual([])

  await look.forget(await look.dead('db'))
  expect(await look.dead('db')).toEqual([])
  await look.forget(await look.ofDeadWorkers('db'))
  expect(readdirSync(directory)).toHaveLength(1)
})

test('a name in the temporary directory that is not ours is not written to', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'))
  const link = fresh()
  symlinkSync(elsewhere, link)
  await expect(new MarkerDirectory({ directory: link }).write('db')).rejects.toThrow()
  const file = fresh()
  writeFileSync(file, '')
  await expect(new MarkerDirectory({ directory: file }).write('db')).rejects.toThrow()
  expect(readdirSync(elsewhere)).toEqual([])
})

test.skipIf(process.getuid?.() === 0)(
  'a directory that cannot be written is an error',
  async () => {
    const directory = fresh()
    mkdirSync(directory)
    chmodSync(directory, 0o500)
    await expect(new MarkerDirectory({ directory }).write('db')).rejects.toThrow()
  },
)

test('G3: everything is pending for the settle delay, then touched; only then the dead are forgotten', async () => {
  const directory = fresh()
  await new MarkerDirectory({ directory, writer: dead }).write('db')
  const clock = new FakeClock()
  const authority = new MemoryAuthority({ clock, slotCount: 1024 })
  const tags = new TagSpace('db', 1024)
  const options = {
    files: new MarkerDirectory({ directory }),
    database: 'db',
    authority,
    tags,
    clock,
    settleDelayMs: 30_000,
    onFailure: (error: unknown): never => expect.unreachable(String(error)),
  }
  expect((await settlePreviousLives(options))?.markers).toBe(1)
  expect(authority.standingMarks).toBe(1)
  clock.advance(29_999)
  expect(authority.lastTouch(tags.everything)).toBe(0)
  expect(readdirSync(directory)).toHaveLength(1)
  clock.advance(1)
  expect(authority.standingMarks).toBe(0)
  expect(authority.lastTouch(tags.everything)).toBeGreaterThan(0)
  await until(() => readdirSync(directory).length === 0)
  expect(await settlePreviousLives(options)).toBeUndefined()
  expect(authority.standingMarks).toBe(0)
})

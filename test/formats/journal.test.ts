import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, inject, test } from 'vitest'
import { writeLane } from '../../src/buffer/journal/lane-record.ts'
import { openJournal } from '../../src/buffer/journal/open-journal.ts'
import { writeTurn } from '../../src/buffer/journal/turn-record.ts'
import { runDirectory } from '../support/run.ts'

const folder = import.meta.dirname

// A file of bytes is never changed: a later format version gets a file of its own beside it. Each is a whole journal,
// compressed with gzip.
describe('journals that earlier versions wrote', () => {
  test('there is a file of the first version', () => {
    expect(readdirSync(folder)).toContain('journal-v1.hex')
  })

  test('version 1 is read back and written on', async () => {
    const hex = readFileSync(join(folder, 'journal-v1.hex'), 'utf8').replace(/\s/g, '')
    mkdirSync(runDirectory(inject('millraceRun')), { recursive: true })
    const directory = mkdtempSync(join(runDirectory(inject('millraceRun')), 'format-'))
    writeFileSync(join(directory, 'journal.lmdb'), gunzipSync(Buffer.from(hex, 'hex')))
    const journal = await openJournal({ directory })
    expect(journal.source).toBe('source-of-version-1')
    expect([...journal.lanes()].sort()).toEqual(['default', 'other lane'])
    expect(journal.checkpoint('default')).toBe(3)
    expect(journal.checkpoint('other lane')).toBe(0)
    const turns = [...journal.read('default')].map(({ first, last, bytes }) => ({
      first,
      last,
      text: Buffer.from(bytes).toString(),
    }))
    expect(turns).toEqual([{ first: 4, last: 9, text: 'three \u{1F40E}' }])
    expect([...journal.read('other lane')].map((turn) => turn.bytes.length)).toEqual([5000])
    await journal.append('default', { first: 10, last: 10, bytes: Buffer.from('four') })
    await journal.close()
  })

  test('version 1 is still written byte for byte', () => {
    const turn = { first: 4, last: 9, bytes: Buffer.from('abc') }
    expect(writeTurn('default', turn).toString('hex')).toBe(
      '4d5201040000001c3815dcac000764656661756c7400000000000000040000000000000009616263',
    )
    expect(writeLane({ checkpoint: 3, synced: 9 }).toString('hex')).toBe('4d520103000000106d2b40f900000000000000030000000000000009')
  })
})

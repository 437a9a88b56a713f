import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createValueCodec } from '../../src/codec/value-codec.ts'
import { versionOneValue } from './value-codec-value.ts'

const folder = import.meta.dirname
const codec = createValueCodec()

// A file of bytes is never changed: a later format version gets a file of its own beside it.
describe('bytes that earlier versions wrote', () => {
  const files = readdirSync(folder).filter((name) => /^value-codec-v\d+\.hex$/.test(name))

  test('there is a file of the first version', () => {
    expect(files).toContain('value-codec-v1.hex')
  })

  test('version 1 is read back, and still written byte for byte', () => {
    const hex = readFileSync(join(folder, 'value-codec-v1.hex'), 'utf8').replace(/\s/g, '')
    assert.deepStrictEqual(codec.decode(Buffer.from(hex, 'hex')), versionOneValue())
    expect(Buffer.from(codec.encode(versionOneValue())).toString('hex')).toBe(hex)
  })
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

function read(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
}

/** The members of the union `ErrorCode`. */
const codes = [...read('src/base/errors.ts').matchAll(/^\s*\| '(MILLRACE_\w+)'/gm)].map(
  ([, code]) => code,
)
/** The codes that a table of docs/errors.md explains. */
const explained = [
  ...read('docs/errors.md').matchAll(/^\| `(MILLRACE_\w+)` \| (\S.*) \| (\S.*) \|$/gm),
].map(([, code]) => code)

test('docs/errors.md explains every code of the union once, and no other', () => {
  expect(codes.length).toBeGreaterThan(20)
  expect(explained.toSorted()).toEqual(codes.toSorted())
})

test('docs/options.md names no code that does not exist', () => {
  const named = [...read('docs/options.md').matchAll(/MILLRACE_[A-Z_]+/g)].map(([code]) => code)
  expect(named.filter((code) => !codes.includes(code))).toEqual([])
})

test('docs/options.md has a row for every option', () => {
  const paths = [...read('docs/options.md').matchAll(/^\| `([\w.<>]+)` \|/gm)].map(
    ([, path]) => path,
  )
  const parts = new Set(paths.flatMap((path) => path?.split('.')))
  const settings = read('src/options/millrace-options.ts')
  const names = [...settings.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name)
  expect(names.length).toBeGreaterThan(20)
  expect(names.filter((name) => !parts.has(name))).toEqual([])
})

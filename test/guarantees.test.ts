import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repositoryRoot } from './support/fixture.ts'

/** The numbers that a document gives to its promises and to its corners. */
interface Numbered {
  readonly promises: readonly string[]
  readonly corners: readonly number[]
}

function numbersOf(document: string): Numbered {
  const [, afterHeading = ''] = document.split(/^## Corners$/m)
  const [corners = ''] = afterHeading.split(/^## /m)
  return {
    promises: [...document.matchAll(/^\| \*\*([GB]\d+)\*\* \|/gm)].map(([, number = '']) => number),
    corners: [...corners.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number)),
  }
}

/** The numbers with which titles of tests begin: `G1`, or `G1, G4`, or `Corner 3`. */
function numbersInTitles(source: string): readonly string[] {
  const titles = source.matchAll(/['"`]((?:[GB]\d+, )*[GB]\d+|Corner \d+): /g)
  return [...titles].flatMap(([, numbers = '']) => numbers.split(', '))
}

function tested(): ReadonlySet<string> {
  const found = new Set<string>()
  for (const directory of ['test', 'src/testing']) {
    const root = join(repositoryRoot, directory)
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue
      for (const number of numbersInTitles(readFileSync(join(root, name), 'utf8')))
        found.add(number)
    }
  }
  return found
}

const document = readFileSync(join(repositoryRoot, 'docs/guarantees.md'), 'utf8')
const { promises, corners } = numbersOf(document)

test('the numbers of promises and corners are read as they are written', () => {
  const example = ['| **G1** | a |', '1. no', '## Corners', '', '1. **One.**', '   Text', '2. two']
  expect(numbersOf([...example, '## Later', '3. no'].join('\n'))).toEqual({
    promises: ['G1'],
    corners: [1, 2],
  })
  // In pieces, or it would count itself.
  const source = ["test('G1, B", '2: both\'); test("Cor', "ner 3: one\"); other('G4 and on')"]
  expect(numbersInTitles(source.join(''))).toEqual(['G1', 'B2', 'Corner 3'])
  expect(promises).toEqual([
    ...Array.from({ length: 7 }, (_, i) => `G${i + 1}`),
    ...Array.from({ length: 7 }, (_, i) => `B${i + 1}`),
  ])
  expect(corners.length).toBeGreaterThanOrEqual(15)
  expect(corners).toEqual(Array.from(corners, (_, i) => i + 1))
})

test('every promise and every corner of docs/guarantees.md has a test with its number, and no test has another', () => {
  const stated = new Set([...promises, ...corners.map((number) => `Corner ${number}`)])
  const shown = tested()
  expect([...stated].filter((number) => !shown.has(number))).toEqual([])
  expect([...shown].filter((number) => !stated.has(number))).toEqual([])
})

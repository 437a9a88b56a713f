import { describe, expect, test } from 'vitest'
import { TagSpace } from '../../src/coherence/tag-space.ts'
import { touchedSlots } from '../../src/coherence/touched-slots.ts'
import { Touched } from '../../src/coherence/touched.ts'
import type { Slot } from '../../src/contract/authority.ts'
import { bound, image, literal, writeOf } from './rows.ts'

const tags = new TagSpace('db', 2 ** 20)
const posts = tags.table('posts')
const id = posts.column('id')
const user = posts.column('user_id')

const names = new Map<Slot, string>([
  [tags.any, 'any'],
  [tags.everything, 'everything'],
  [posts.whole, 'posts*'],
  [posts.unknownRows, 'posts?'],
  [id.unknown, 'id?'],
  [id.none, 'id null'],
  [user.unknown, 'user?'],
  [user.none, 'user null'],
  ...['1', '2', '7', '8'].flatMap((form): [Slot, string][] => [
    [id.value(form), `id=${form}`],
    [user.value(form), `user=${form}`],
  ]),
])
const shown = (slots: readonly Slot[]): string[] =>
  slots.map((slot) => names.get(slot) ?? `slot ${slot}`).sort()

const byId = writeOf({
  table: 'posts',
  columns: [image('id', [bound(0)]), image('user_id', [], 0)],
})

describe('what a write touches', () => {
  test('G6: the values that the text pins, and T.c? for what only the answer can tell', () => {
    const may = new Touched().addStatement(byId, [7])
    expect(shown(touchedSlots(tags, may))).toEqual(['any', 'id=7', 'posts*', 'user?'])
    expect(may.precision).toBe('column')
  })

  test('G6: with the answer, the values that came back', () => {
    const did = new Touched().addStatement(byId, [7], [['1', null, '1']])
    expect(shown(touchedSlots(tags, did))).toEqual(['any', 'id=7', 'posts*', 'user null', 'user=1'])
    expect(did.precision).toBe('value')
  })

  test('a value without canonical form makes its column unknown; if all are, the rows', () => {
    const [text, both] = [new Touched(), new Touched()]
    text.addStatement(byId, ['seven'], [['1']])
    expect(shown(touchedSlots(tags, text))).toEqual(['any', 'id?', 'posts*', 'user=1'])
    both.addStatement(byId, ['seven'], [[undefined]])
    expect(shown(touchedSlots(tags, both))).toEqual(['any', 'posts*', 'posts?'])
    expect(both.precision).toBe('table')
  })

  test('NULL where the database makes a value of its own: unknown, unless the answer tells it', () => {
    const filled = writeOf({
      table: 'posts',
      columns: [
        { ...image('id', [bound(0)], 0), nullIsUnknown: true },
        { ...image('user_id', [bound(0)]), nullIsUnknown: true },
      ],
    })
    const shownFor = (value: unknown, answer?: string[][]): string[] =>
      shown(touchedSlots(tags, new Touched().addStatement(filled, [value], answer)))
    expect(shownFor(null, [['7']])).toEqual(['any', 'id=7', 'posts*', 'user?'])
    expect(shownFor(null)).toEqual(['any', 'posts*', 'posts?'])
    expect(shownFor(1, [['1']])).toEqual(['any', 'id=1', 'posts*', 'user=1'])
  })

  test('a statement without the binding that it speaks of', () => {
    const touched = new Touched().addStatement(byId, [], [['1']])
    expect(shown(touchedSlots(tags, touched))).toContain('id?')
  })

  test('writes add up, and do not reach into each other', () => {
    const one = new Touched().addStatement(byId, [1], [['7']])
    const sum = new Touched().add(one).addStatement(byId, [2], [['8']])
    expect(shown(touchedSlots(tags, sum))).toEqual([
      'any',
      'id=1',
      'id=2',
      'posts*',
      'user=7',
      'user=8',
    ])
    expect(shown(touchedSlots(tags, one))).toEqual(['any', 'id=1', 'posts*', 'user=7'])
  })

  test('rows of which nothing is known swallow known ones', () => {
    const touched = new Touched().addStatement(byId, [1], [['7']]).addTables(new Set(['posts']))
    expect(shown(touchedSlots(tags, touched))).toEqual(['any', 'posts*', 'posts?'])
    touched.addStatement(byId, [2], [['7']])
    expect(shown(touchedSlots(tags, touched))).toEqual(['any', 'posts*', 'posts?'])
  })

  test('two catalogs with other key columns: nothing is known of the rows', () => {
    const older = writeOf({ table: 'posts', columns: [image('id', [literal('1')])] })
    const touched = new Touched().addStatement(byId, [1], [['7']]).addStatement(older)
    expect(shown(touchedSlots(tags, touched))).toEqual(['any', 'posts*', 'posts?'])
  })

  test('very many values become T.c?', () => {
    const ids = Array.from({ length: 300 }, (_, index) => String(index))
    const touched = new Touched().addStatement(byId, [1], [ids])
    expect(shown(touchedSlots(tags, touched))).toEqual(['any', 'id=1', 'posts*', 'user?'])
  })

  test('no mark of its own for what stands behind a pending T.c? or T?', () => {
    const may = touchedSlots(tags, new Touched().addStatement(byId, [7]))
    const did = new Touched().addStatement(byId, [7], [['1']])
    expect(shown(touchedSlots(tags, did, new Set(may)))).toEqual([])
    const rows = touchedSlots(tags, new Touched().addTables(new Set(['posts'])))
    expect(shown(touchedSlots(tags, did, new Set(rows)))).toEqual([])
    const other = touchedSlots(tags, new Touched().addStatement(byId, [8], [['2']]))
    expect(shown(touchedSlots(tags, did, new Set(other)))).toEqual(['id=7', 'user=1'])
  })
})

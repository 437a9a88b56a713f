import { describe, expect, test } from 'vitest'
import { readProgram } from '../../src/coherence/read-program.ts'
import { EVERYTHING_SLOT, TagSpace } from '../../src/coherence/tag-space.ts'
import type { Program } from '../../src/contract/program.ts'
import type { RowFilter } from '../../src/contract/rows.ts'
import { bound, keyColumn, literal, statement } from './rows.ts'

const tags = new TagSpace('db', 2 ** 20)
const posts = tags.table('posts')
const users = tags.table('users')
const id = posts.column('id')
const user = posts.column('user_id')
const always = [EVERYTHING_SLOT, tags.everything, tags.schema]

const equals = (name: string, ...values: number[]): RowFilter => ({
  op: 'equals',
  column: keyColumn(name),
  values: values.map(bound),
})
const every: RowFilter = { op: 'every' }
const and = (...of: RowFilter[]): RowFilter => ({ op: 'and', of })
const or = (...of: RowFilter[]): RowFilter => ({ op: 'or', of })

function programOf(filter: RowFilter, bindings: readonly unknown[] = [1, 2]): Program {
  const reads = new Set(['posts'])
  return readProgram(tags, statement({ reads, uses: [{ table: 'posts', filter }] }), bindings)
    .program
}
const rowsOf = (program: Program): number[] =>
  program.all.filter((slot) => !always.includes(slot)).sort()
const sorted = (...slots: number[]): number[] => slots.sort()

describe('what a query depends on', () => {
  test('by table, where no row can be told from another', () => {
    const { program, tableSlots } = readProgram(
      tags,
      statement({ reads: new Set(['posts', 'users']) }),
      [],
    )
    expect(program).toEqual({ all: [...always, posts.whole, users.whole], any: [] })
    expect(tableSlots).toEqual([posts.whole, users.whole])
    expect(rowsOf(programOf(every))).toEqual([posts.whole])
  })

  test('G6: by value: T?, T.c? and the values', () => {
    expect(rowsOf(programOf(equals('id', 0)))).toEqual(
      sorted(posts.unknownRows, id.unknown, id.value('1')),
    )
    expect(rowsOf(programOf(equals('id', 0, 1)))).toEqual(
      sorted(posts.unknownRows, id.unknown, id.value('1'), id.value('2')),
    )
    expect(rowsOf(programOf({ op: 'null', column: keyColumn('user_id') }))).toEqual(
      sorted(posts.unknownRows, user.unknown, user.none),
    )
  })

  test('a value of any spelling has one tag, a value without canonical form leaves every row', () => {
    const one = programOf(equals('id', 0), [1])
    expect(programOf(equals('id', 0), ['1'])).toEqual(one)
    expect(rowsOf(programOf(equals('id', 0), ['one']))).toEqual([posts.whole])
    expect(rowsOf(programOf(equals('id', 5), [1]))).toEqual([posts.whole])
    expect(
      rowsOf(programOf({ op: 'equals', column: keyColumn('id'), values: [literal('1')] })),
    ).toEqual(rowsOf(one))
  })

  test('NULL equals nothing, and nothing depends on T? alone', () => {
    expect(rowsOf(programOf(equals('id', 0), [null]))).toEqual([posts.unknownRows])
    expect(rowsOf(programOf({ op: 'none' }))).toEqual([posts.unknownRows])
  })

  test('AND: either side suffices; OR: both must be untouched', () => {
    const program = programOf(and(equals('id', 0), equals('user_id', 1)))
    expect(rowsOf(program)).toEqual([posts.unknownRows])
    expect(program.any).toEqual([
      [
        { all: [id.unknown, id.value('1')], any: [] },
        { all: [user.unknown, user.value('2')], any: [] },
      ],
    ])
    expect(rowsOf(programOf(or(equals('id', 0), equals('user_id', 1))))).toEqual(
      sorted(posts.unknownRows, id.unknown, id.value('1'), user.unknown, user.value('2')),
    )
  })

  test('what cannot be told widens an OR and leaves an AND alone', () => {
    expect(rowsOf(programOf(or(equals('id', 0), every)))).toEqual([posts.whole])
    expect(programOf(and(equals('id', 0), every))).toEqual(programOf(equals('id', 0)))
    expect(rowsOf(programOf(and(every, every)))).toEqual([posts.whole])
    expect(rowsOf(programOf(or()))).toEqual([posts.unknownRows])
    expect(rowsOf(programOf(and()))).toEqual([posts.whole])
  })

  test('groups inside of groups', () => {
    const inner = and(equals('id', 0), equals('user_id', 1))
    const program = programOf(and(or(inner, equals('id', 1)), equals('user_id', 0)))
    expect(program.any).toHaveLength(1)
    expect(program.any[0]?.[0]?.any).toHaveLength(1)
    expect(program.any[0]?.[1]).toEqual({ all: [user.unknown, user.value('1')], any: [] })
  })

  test('two uses of a table: what either depends on', () => {
    const uses = [
      { table: 'posts', filter: equals('id', 0) },
      { table: 'posts', filter: equals('user_id', 1) },
    ]
    const { program } = readProgram(tags, statement({ reads: new Set(['posts']), uses }), [1, 2])
    expect(rowsOf(program)).toEqual(
      sorted(posts.unknownRows, id.unknown, id.value('1'), user.unknown, user.value('2')),
    )
  })

  test('unknown tables depend on every write', () => {
    const { program, tableSlots } = readProgram(tags, statement({ reads: 'everything' }), [])
    expect(program).toEqual({ all: [...always, tags.any], any: [] })
    expect(tableSlots).toEqual([tags.any])
  })
})

import { expect, test } from 'vitest'
import type { Message } from '../../../src/contract/bus.ts'
import type { Program } from '../../../src/contract/program.ts'
import { packProgram, readProgram } from '../../../src/stores/cluster/program-message.ts'
import { allOf, oneOf } from '../../../src/testing/conformance/rig.ts'

const travel = (message: Message): Message => JSON.parse(JSON.stringify(message)) as Message

function nested(depth: number): Program {
  return depth === 0 ? allOf(7) : { all: [depth], any: [[nested(depth - 1), allOf(8)]] }
}

test('a program is one list: numbers are slots, lists are groups', () => {
  expect(packProgram(allOf(0, 7))).toEqual([0, 7])
  expect(packProgram(oneOf([0, 7], allOf(5), allOf(6, 8)))).toEqual([0, 7, [[5], [6, 8]]])
})

test.each<[string, Program]>([
  ['nothing', allOf()],
  ['slots', allOf(0, 1, 2 ** 20 - 1)],
  ['a group', oneOf([0], allOf(5), allOf(6, 8))],
  [
    'groups alone',
    {
      all: [],
      any: [
        [allOf(1), allOf(2)],
        [allOf(3), allOf()],
      ],
    },
  ],
  ['a group of nothing', { all: [1], any: [[]] }],
  ['groups in groups', oneOf([0], oneOf([5], allOf(6), oneOf([], allOf(1), allOf(2))), allOf(8))],
  ['many levels', nested(60)],
])('%s arrives as it was', (_name, program) => {
  expect(readProgram(travel(packProgram(program)))).toEqual(program)
})

test.each<[string, Message | undefined]>([
  ['nothing', undefined],
  ['null', null],
  ['a number', 5],
  ['a named list', { all: [1], any: [] }],
  ['a text among the slots', [1, '2']],
  ['null among the slots', [1, null]],
  ['a slot as an alternative', [1, [2, 3]]],
  ['a text within an alternative', [1, [[2], ['3']]]],
  ['too many levels', travel(packProgram(nested(100)))],
])('%s is refused', (_name, message) => {
  expect(() => readProgram(message)).toThrow(
    expect.objectContaining({ code: 'MILLRACE_PRIMARY_MISMATCH' }),
  )
})

test('a message of any depth is refused without exhausting the stack', () => {
  let message: Message = [1]
  for (let i = 0; i < 100_000; i++) message = [1, [message]]
  expect(() => readProgram(message)).toThrow(
    expect.objectContaining({ code: 'MILLRACE_PRIMARY_MISMATCH' }),
  )
})

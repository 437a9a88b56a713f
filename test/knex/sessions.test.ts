import { expect, test } from 'vitest'
import { Sessions } from '../../src/knex/sessions.ts'

test('G7: a statement answered after its connection was closed leaves no transaction behind', () => {
  const sessions = new Sessions()
  const connection = {}
  const state = sessions.of(connection)
  state.autocommitOff = true
  sessions.noteManual(state, false)
  expect(sessions.hasManualTransaction).toBe(true)
  sessions.forget(connection)
  sessions.noteManual(state, false)
  expect(sessions.hasManualTransaction).toBe(false)
})

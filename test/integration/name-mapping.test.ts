import knexFactory, { type Knex } from 'knex'
import { knexSnakeCaseMappers } from 'objection'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { millrace } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'

interface Note {
  readonly noteId: string
  readonly noteText: string
}

describeDatabases('names that the application maps (camelCase to snake_case)', (name) => {
  let database: TestDatabase
  let oracle: Knex
  let DB: Millrace

  beforeEach(async () => {
    database = await createDatabase(name)
    oracle = knexFactory(database.config)
    await oracle.schema.createTable('user_notes', (t) => {
      t.string('note_id', 30).primary()
      t.string('note_text')
    })
    DB = await millrace({
      connection: { ...database.config, ...knexSnakeCaseMappers() },
      nanoid: { user_notes: 'note_id' },
      buffer: false,
    })
  })

  afterEach(async () => {
    await DB.close()
    await oracle.destroy()
    await database.drop()
  })

  const texts = async (): Promise<string[]> => {
    const notes = (await DB.table('userNotes').cache(60).orderBy('noteText')) as Note[]
    return notes.map(({ noteText }) => noteText)
  }

  test('reads, writes and clear() mean the same table', async () => {
    await DB.table('userNotes').insert({ noteId: 'a', noteText: 'one' })
    expect(await texts()).toEqual(['one'])
    await DB.table('userNotes').where({ noteId: 'a' }).update({ noteText: 'two' })
    expect(await texts()).toEqual(['two'])
    await oracle('user_notes').update({ note_text: 'elsewhere' })
    expect(await texts()).toEqual(['two'])
    await DB.table('userNotes').cache.clear()
    expect(await texts()).toEqual(['elsewhere'])
  })

  test('nanoid columns are filled by the names of the database', async () => {
    await DB.table('userNotes').insert({ noteText: 'filled' })
    await DB.table('userNotes').insert([
      { noteId: 'mine', noteText: 'given' },
      { noteText: 'also' },
    ])
    const ids = (await oracle('user_notes').pluck('note_id')) as string[]
    expect(ids).toHaveLength(3)
    expect(ids).toContain('mine')
    for (const id of ids) expect(id).toMatch(/^(mine|[0-9A-Za-z]{21})$/)
  })

  test('a merge on conflict keeps the id that is there', async () => {
    await DB.table('userNotes').insert({ noteId: 'mine', noteText: 'old' })
    await DB.table('userNotes')
      .insert({ noteId: 'mine', noteText: 'new' })
      .onConflict('noteId')
      .merge()
    expect(await oracle('user_notes')).toEqual([{ note_id: 'mine', note_text: 'new' }])
  })
})

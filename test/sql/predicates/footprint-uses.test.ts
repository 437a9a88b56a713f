import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StatementAnalyser } from '../../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../../support/databases.ts'
import { catalogQuery, compiled } from '../../support/matrix/analyse.ts'
import { shownUses } from './shop.fixture.ts'

describeDatabases('uses in a footprint', (name) => {
  let database: TestDatabase
  let knex: Knex
  let analyser: StatementAnalyser

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await knex.schema.createTable('users', (t) => {
      t.increments('id')
      t.string('email').unique()
      t.integer('age')
    })
    await knex.schema.createTable('posts', (t) => {
      t.increments('id')
      t.integer('user_id').unsigned().references('users.id')
      t.string('title')
    })
    await knex.raw('create view v_posts as select id, title from posts')
    const partition = new Map([['users', ['age']]])
    analyser = new StatementAnalyser(database.dialect, { partition })
    await analyser.load(catalogQuery(knex))
  })

  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  const uses = (query: Knex.QueryBuilder | Knex.Raw): string =>
    shownUses(analyser.footprint(compiled(query)).flatMap((statement) => statement.uses))

  test('primary, unique and foreign keys, and what partition names', () => {
    expect(uses(knex('users').where('id', 1))).toBe('users[id=?0]')
    expect(uses(knex('users').where('email', 'a@b.c'))).toBe('users[email=?0]')
    expect(uses(knex('users').whereIn('age', [1, 2]))).toBe('users[age=(?0|?1)]')
    expect(uses(knex('posts').where({ user_id: 1, title: 'x' }))).toBe('posts[user_id=?0]')
    expect(uses(knex('posts').where('title', 'x'))).toBe('')
    expect(
      uses(knex('posts').leftJoin('users', 'users.id', 'posts.user_id').where('user_id', 1)),
    ).toBe('posts[user_id=?0] users[id=?0]')
  })

  test('a table that a view reads too is not listed', () => {
    const join = knex('posts').join('users', 'users.id', 'posts.user_id').where('users.id', 1)
    expect(uses(join.clone())).toBe('posts[user_id=?0] users[id=?0]')
    expect(uses(join.clone().join('v_posts', 'v_posts.id', 'posts.id'))).toBe('users[id=?0]')
  })

  test('only of single queries', () => {
    expect(uses(knex('posts').where('id', 1).update({ title: 'x' }))).toBe('')
    expect(uses(knex('posts').where('id', 1).delete())).toBe('')
    expect(uses(knex.raw('select * from posts where id = 1;'))).toBe('posts[id=1]')
    expect(uses(knex.raw('select * from posts where id = 1; select 2'))).toBe('')
    expect(uses(knex.raw(`select 'open from posts where id = 1`))).toBe('')
  })

  test('none before the catalog is read', () => {
    const other = new StatementAnalyser(database.dialect)
    const [footprint] = other.footprint(compiled(knex('posts').where('id', 1)))
    expect([footprint?.reads, footprint?.uses]).toEqual(['everything', []])
  })
})

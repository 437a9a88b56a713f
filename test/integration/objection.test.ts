import knexFactory, { type Knex } from 'knex'
import { Model, QueryBuilder } from 'objection'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Millrace } from '../../src/index.ts'
import { install } from '../../src/index.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { createMatrixSchema, seedMatrix } from '../support/matrix/schema.ts'

/** A query builder of Objection that hands its lifetime to the Knex builder underneath. */
class CachingBuilder<M extends Model, R = M[]> extends QueryBuilder<M, R> {
  declare ArrayQueryBuilderType: CachingBuilder<M>
  declare SingleQueryBuilderType: CachingBuilder<M, M>
  declare MaybeSingleQueryBuilderType: CachingBuilder<M, M | undefined>
  declare NumberQueryBuilderType: CachingBuilder<M, number>
  declare PageQueryBuilderType: CachingBuilder<M, { results: M[]; total: number }>

  constructor(...args: unknown[]) {
    // @ts-expect-error Objection's constructor takes the model class, and says nothing of it in its types.
    super(...args)
    void this.onBuildKnex((builder: Knex.QueryBuilder, query) => {
      const { ttl } = query.context() as { ttl?: number }
      if (ttl !== undefined) void builder.cache(ttl)
    })
  }

  cache(ttl: number): this {
    return this.context({ ttl })
  }
}

class Cached extends Model {
  declare QueryBuilderType: CachingBuilder<this>
  static override get QueryBuilder() {
    return CachingBuilder
  }
}

class Comment extends Cached {
  static override tableName = 'comments'
  declare body: string
}

class Post extends Cached {
  static override tableName = 'posts'
  declare id: number
  declare title: string
  declare comments?: Comment[]
  static override get relationMappings() {
    return {
      comments: {
        relation: Model.HasManyRelation,
        modelClass: Comment,
        join: { from: 'posts.id', to: 'comments.post_id' },
      },
    }
  }
}

describeDatabases('Objection models over an installed Knex instance', (name) => {
  let database: TestDatabase
  let knex: Knex
  let DB: Millrace
  let statements = 0

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await createMatrixSchema(knex, database.dialect)
    DB = await install(knex, { buffer: false })
    Cached.knex(knex)
    knex.on('query', () => {
      statements += 1
    })
  })

  beforeEach(async () => {
    await seedMatrix(knex)
  })

  afterAll(async () => {
    await DB.close()
    await knex.destroy()
    await database.drop()
  })

  const countSent = async (work: () => PromiseLike<unknown>): Promise<number> => {
    const before = statements
    await work()
    return statements - before
  }

  test('a hit gives instances of the model', async () => {
    const query = () => Post.query().where('id', '>', 1).orderBy('id').cache(60)
    const miss = await query()
    let hit: Post[] = []
    expect(await countSent(async () => (hit = await query()))).toBe(0)
    expect(hit[0]).toBeInstanceOf(Post)
    expect(hit).toEqual(miss)
  })

  test('G1: a patch through the model is seen', async () => {
    const query = () => Post.query().findById(2).cache(60)
    await query()
    await Post.query().patch({ title: 'patched' }).where('id', 2)
    expect((await query())?.title).toBe('patched')
  })

  test('a graph is cached relation by relation', async () => {
    const query = () => Post.query().orderBy('id').withGraphFetched('comments').cache(60)
    await query()
    expect(await countSent(query)).toBe(0)
    await knex('comments').insert({ id: 500, post_id: 2, user_id: 1, body: 'new' })
    const after = await query()
    const bodies = after.find(({ id }) => id === 2)?.comments?.map(({ body }) => body)
    expect(bodies).toContain('new')
  })

  test('onBuildKnex reaches the builder without a class of its own', async () => {
    const query = () =>
      Post.query()
        .where('id', 3)
        .onBuildKnex((builder: Knex.QueryBuilder) => {
          void builder.cache(60)
        })
    await query()
    expect(await countSent(query)).toBe(0)
  })

  test('after close() the instance is plain Knex again', async () => {
    const other = knexFactory(database.config)
    const prototype: unknown = Object.getPrototypeOf(other.client)
    const second = await install(other, { buffer: false })
    expect('cache' in other('posts')).toBe(true)
    await expect(install(other)).rejects.toMatchObject({ code: 'MILLRACE_CLIENT_UNSUPPORTED' })
    await second.close()
    expect(Object.getPrototypeOf(other.client)).toBe(prototype)
    expect('cache' in other('posts')).toBe(false)
    expect(await other('posts').count('* as n')).toHaveLength(1)
    await other.destroy()
  })
})

import knexFactory, { type Knex } from 'knex'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatementFootprint } from '../../src/contract/footprint.ts'
import type { AnswerPlan, ColumnImage, ValueSource } from '../../src/contract/rows.ts'
import { StatementAnalyser } from '../../src/sql/analyser.ts'
import { createDatabase, describeDatabases, type TestDatabase } from '../support/databases.ts'
import { catalogQuery, compiled } from '../support/matrix/analyse.ts'
import { rowCases, type Write } from './rows/cases.ts'
import { createRowSchema, partition } from './rows/schema.ts'

/** `$0`: the first binding; `a0`: the first column of the answer; `?`: unknown. */
function imageText({ column, values, rest, nullIsUnknown }: ColumnImage): string {
  const source = (value: ValueSource): string => {
    if (value.from === 'binding') return `$${String(value.index)}`
    return value.from === 'literal' ? `'${value.value}'` : 'null'
  }
  const parts = values.map(source)
  if (rest !== undefined) parts.push(rest === 'unknown' ? '?' : `a${String(rest)}`)
  return `${column.name}=${parts.join('|')}${nullIsUnknown === true ? '!' : ''}`
}

/** What is said of the rows, in one line; tables without a change are not in it. */
function rowsText({ changes, answer }: StatementFootprint): string {
  const tables = changes.map(
    ({ table, columns }) => `${table}(${columns.map(imageText).sort().join(' ')})`,
  )
  return [...tables.sort(), ...(answer === undefined ? [] : [answerText(answer)])].join('; ')
}

function answerText(answer: AnswerPlan): string {
  if (answer.kind === 'inserted-id') return 'ask the driver'
  const asked = [...answer.clause.matchAll(/"(\w+)"(?:::text| as text)/g)].map(
    ([, column]) => column,
  )
  const how = `${answer.bounded ? '' : ', loosely'}${answer.extendsOwn ? ', too' : ''}`
  return `ask ${asked.join(' ')}${how}`
}

describeDatabases('row changes', (name) => {
  let database: TestDatabase
  let knex: Knex
  let analyser: StatementAnalyser

  beforeAll(async () => {
    database = await createDatabase(name)
    knex = knexFactory(database.config)
    await createRowSchema(knex, database.dialect)
    analyser = new StatementAnalyser(database.dialect, { partition })
    await analyser.load(catalogQuery(knex))
  })

  afterAll(async () => {
    await knex.destroy()
    await database.drop()
  })

  const textOf = (write: Write): string => {
    const built = write(knex)
    const [statement] = analyser.footprint(typeof built === 'string' ? built : compiled(built))
    return statement === undefined ? 'nothing' : rowsText(statement)
  }

  test.each(rowCases)('$title', (each) => {
    const expected = name === 'sqlite' ? (each.sqlite ?? each.postgres) : each[name]
    expect(textOf(each.write)).toBe(expected)
  })

  if (name === 'mysql') return

  const planOf = (sql: string): string => {
    const plan = analyser.footprint(sql)[0]?.answer
    if (plan?.kind !== 'returning') throw new Error(`no plan for ${sql}`)
    return sql.slice(0, plan.at) + plan.clause + sql.slice(plan.at)
  }

  test('the clause stands after the last token, or after the columns of a RETURNING', () => {
    const kind = name === 'sqlite' ? 'cast("kind" as text)' : '"kind"::text::refcursor'
    const clause = `returning ${kind} as "_millrace_0"`
    const write = "delete from codes where code = 'a'"
    expect(planOf(write)).toBe(`${write} ${clause}`)
    expect(planOf(`${write} ; -- so`)).toBe(`${write} ${clause} ; -- so`)
    expect(planOf(`${write} -- so`)).toBe(`${write} ${clause} -- so`)
    expect(planOf(`/* a */ ${write}\n/* so */`)).toBe(`/* a */ ${write} ${clause}\n/* so */`)
    expect(planOf(`${write} returning *, (select 1) as b;`)).toBe(
      `${write} returning *, (select 1) as b, ${kind} as "_millrace_0";`,
    )
  })

  test('names are quoted as the database spells them', async () => {
    const odd = 'Ti"tle'
    await knex.schema.createTable('Odd Table', (t) => {
      t.integer('Id').primary()
      t.integer(odd).unique()
    })
    await analyser.load(catalogQuery(knex))
    const sql = compiled(knex('Odd Table').where('Id', 1).del())
    expect(planOf(sql)).toContain(
      name === 'sqlite' ? 'cast("Ti""tle" as text)' : '"Ti""tle"::text::refcursor',
    )
    await knex.raw(planOf(sql).replace(/\?|\$1/, '1'))
    await knex.schema.dropTable('Odd Table')
  })
})

describeDatabases('writes that are not understood', (name) => {
  test('say nothing of rows', async () => {
    const database = await createDatabase(name)
    const knex = knexFactory(database.config)
    const analyser = new StatementAnalyser(database.dialect, { partition })
    await createRowSchema(knex, database.dialect)
    await knex.raw('create view seen as select * from codes')
    await knex.raw(
      `create table replacing (id integer primary key${name === 'sqlite' ? ' on conflict replace' : ''})`,
    )
    if (name === 'mysql')
      await knex.raw('create table quiet (id integer primary key) engine = MyISAM')
    await analyser.load(catalogQuery(knex))
    const everywhere = [
      `update seen set uses = 1 where code = 'a'`,
      `delete from seen where code = 'a'`,
      `insert into codes (code) select slug from posts`,
      `insert into codes select * from codes where code = 'a'`,
      `with x as (select 1) delete from codes where code = 'a'`,
      `update codes, pairs set kind = 1 where code = 'a'`,
      `update codes set kind = 1 from pairs where code = 'a'`,
      `delete from codes using pairs where code = 'a'`,
      `update codes set (kind, uses) = (1, 2) where code = 'a'`,
      `insert into codes (code, nothing) values ('a', 1)`,
      `insert into codes (code, kind) values ('a')`,
      `insert into codes values ('a', 1)`,
      `replace into codes (code) values ('a')`,
      `delete from codes where code = 'a' and x = case when 1 then 2`,
      `delete from codes where code = 'a' or 1`,
      `delete from codes where not code = 'a'`,
      `delete from codes where code = 'a'; delete from codes where code = 'b'`,
      `delete from codes where other.code = 'a'`,
      `explain delete from codes where code = 'a'`,
      `update codes as c set kind = 1 where codes.code = 'a'`,
      `delete from nothing where id = 1`,
      `truncate codes`,
    ]
    const some = {
      sqlite: [
        `insert or replace into codes (code) values ('a')`,
        `update or replace codes set uses = 1 where code = 'a'`,
        `update or ignore codes set uses = 1 where code = 'a'`,
        `insert or rollback into codes (code) values ('a')`,
        `insert into codes (code) select 'a' from posts`,
        `insert into codes (code) select 'a' union select 'b'`,
        `insert into codes (code) select 'a' where 1 = 2`,
        'insert into replacing (id) values (1)',
        'update codes set uses = 1 where code = :code',
        'update codes set uses = 1 where code = ?1',
        `delete from codes indexed by i where code = 'a'`,
        `delete from codes where code = 'a' limit 1`,
      ],
      postgres: [
        `merge into codes using (select 1) s on code = 'a' when matched then delete`,
        `update codes set code[1] = 'a' where code = 'a'`,
        `insert into codes (code) overriding system value values ('a')`,
        `insert into codes (code) select $1`,
        `update only (codes) set uses = 1 where code = 'a'`,
        `delete from codes where current of c`,
        `delete from codes where code = 'a' returning with (old as o) o.code`,
      ],
      mysql: [
        `insert ignore into codes (code) values ('a')`,
        `update ignore codes set uses = 1 where code = 'a'`,
        `delete ignore from codes where code = 'a'`,
        `insert into codes (code) values ('a') on duplicate key update uses = 2`,
        `insert into codes set code = 'a'`,
        `delete codes from codes where code = 'a'`,
        `update codes join pairs on 1 set uses = 1 where code = 'a'`,
        'insert into quiet (id) values (1)',
        `update codes set uses = 1 where code = 'a?'`,
        `/*! delete from codes where code = 'a' */`,
      ],
    }
    for (const sql of [...everywhere, ...some[name]]) {
      const told = analyser.footprint(sql).map(({ changes, answer }) => [...changes, answer])
      expect(
        told.flat().filter((each) => each !== undefined),
        sql,
      ).toEqual([])
    }
    await knex.destroy()
    await database.drop()
  })
})

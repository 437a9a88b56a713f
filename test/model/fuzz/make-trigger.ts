import type { Draw } from './draw.ts'
import { literal } from './literal.ts'
import type { Column, Table, TableColumn, Trigger } from './schema.ts'
import { quote, writable } from './schema.ts'

/** Draws a trigger: one that changes the row on its way, or one that writes to another table. */
export function makeTrigger(draw: Draw, at: number): Trigger | undefined {
  const { random, schema } = draw
  const from = random.int(schema.tables.length)
  const table = schema.tables[from]
  if (table === undefined || table.partOf !== undefined || table.parts.length > 0) return undefined
  const events = random.some(['insert', 'update', 'delete'] as const, random.between(1, 2))
  const later = schema.tables.slice(from + 1).filter(({ partOf }) => partOf === undefined)
  if (random.chance(0.4) || later.length === 0) return alterRow(draw, table, at)
  const target = random.pick(later)
  const body = events.map((event) => [event, effect(draw, table, target, event)] as const)
  return writeOther(draw, table, target, body, at)
}

type Event = 'insert' | 'update' | 'delete'

/** A statement that a trigger runs. */
function effect(draw: Draw, table: Table, target: Table, event: Event): string {
  const { random, dialect } = draw
  const q = (name: string): string => quote(dialect, name)
  const row = event === 'delete' ? 'old' : 'new'
  const plain = (column: Column): string => literal(dialect, draw.plain(column))
  const value = (column: TableColumn): string => {
    const like = table.columns.filter(({ kind }) => kind === column.kind)
    return like.length > 0 && random.chance(0.6)
      ? `${row}.${q(random.pick(like).name)}`
      : plain(column)
  }
  const columns = writable(target).filter(({ auto }) => !auto)
  const own = random.pick(target.columns)
  const where = `${q(own.name)} = ${value(own)}`
  const set = columns.length === 0 ? undefined : random.pick(columns)
  switch (set === undefined ? 2 : random.int(5)) {
    case 0:
    case 1: {
      const names = columns.map(({ name }) => q(name)).join(', ')
      const [start, end] = {
        sqlite: ['insert or ignore', ''],
        postgres: ['insert', ' on conflict do nothing'],
        mysql: ['insert ignore', ''],
      }[dialect]
      return `${start ?? ''} into ${q(target.name)} (${names}) values (${columns.map(value).join(', ')})${end ?? ''}`
    }
    case 2:
      return `delete from ${q(target.name)} where ${where}`
    default:
      return `update ${q(target.name)} set ${q(set?.name ?? '')} = ${set === undefined ? '' : changed(draw, set)} where ${where}`
  }
}

function changed(draw: Draw, column: Column): string {
  const name = quote(draw.dialect, column.name)
  return column.kind.group === 'number' && draw.random.chance(0.5)
    ? `${name} + 1`
    : literal(draw.dialect, draw.plain(column))
}

function writeOther(
  draw: Draw,
  table: Table,
  target: Table,
  effects: readonly (readonly [Event, string])[],
  at: number,
): Trigger {
  const { dialect } = draw
  const q = (name: string): string => quote(dialect, name)
  const sql = effects.flatMap(([event, body], i) => {
    const name = `tr${at}_${i}`
    if (dialect !== 'postgres') {
      return [
        `create trigger ${name} after ${event} on ${q(table.name)} for each row begin ${body}; end`,
      ]
    }
    return [
      `create function fn${at}_${i}() returns trigger language plpgsql as $fn$ begin ${body}; return null; end $fn$`,
      `create trigger ${name} after ${event} on ${q(table.name)} for each row execute function fn${at}_${i}()`,
    ]
  })
  return { table: table.name, sql, writes: [target.name] }
}

/** Changes the row before it is stored; SQLite right after. */
function alterRow(draw: Draw, table: Table, at: number): Trigger | undefined {
  const { random, dialect } = draw
  const columns = writable(table).filter(({ auto, name }) => !auto && !table.key.includes(name))
  if (columns.length === 0) return undefined
  const column = random.pick(columns)
  const q = (name: string): string => quote(dialect, name)
  const event = random.pick(['insert', 'update'] as const)
  const condition = random.pick(table.columns)
  const test = `${q(condition.name)} = ${literal(dialect, draw.plain(condition))}`
  const result = (prefix: string): string =>
    changed(draw, column).replace(q(column.name), `${prefix}${q(column.name)}`)
  if (dialect === 'sqlite') {
    const [key] = table.key
    if (key === undefined) return undefined
    const body = `update or ignore ${q(table.name)} set ${q(column.name)} = ${result('')} where ${q(key)} = new.${q(key)}`
    const sql = `create trigger tr${at} after ${event} on ${q(table.name)} when new.${test} begin ${body}; end`
    return { table: table.name, sql: [sql], writes: [table.name] }
  }
  const assign =
    dialect === 'postgres'
      ? `new.${q(column.name)} := ${result('new.')}`
      : `set new.${q(column.name)} = ${result('new.')}`
  const body = `if new.${test} then ${assign}; end if;`
  const on = `create trigger tr${at} before ${event} on ${q(table.name)} for each row`
  const sql =
    dialect === 'mysql'
      ? [`${on} begin ${body} end`]
      : [
          `create function fn${at}() returns trigger language plpgsql as $fn$ begin ${body} return new; end $fn$`,
          `${on} execute function fn${at}()`,
        ]
  return { table: table.name, sql, writes: [] }
}

import type { Dialect } from '../contract/dialect.ts'
import type { CatalogQuery } from './catalog-query.ts'
import { text } from './catalog/row.ts'

/**
 * A text that is another one when the schema is: tables, columns, keys, triggers, views, routines, policies. One query, made by the
 * server, much cheaper than reading the catalog. Temporary tables, statistics, and what VACUUM, ANALYZE, TRUNCATE or a rewrite of a
 * table change beside its rows leave it as it is.
 * - SQLite: `schema_version`, which the file counts itself (also for VACUUM, and for the first ANALYZE, which makes tables)
 * - PostgreSQL: numbers and versions of the rows of the system catalogs that describe the user's objects
 * - MySQL and MariaDB: a hash of what `information_schema` tells of the connection's database
 */
export async function readSchemaPrint(dialect: Dialect, query: CatalogQuery): Promise<string> {
  const [row = {}] = await query(prints[dialect])
  return text(row, 'print')
}

const prints: Readonly<Record<Dialect, string>> = {
  sqlite: 'select schema_version as print from pragma_schema_version',
  postgres: postgresPrint(),
  mysql: mysqlPrint(),
}

function postgresPrint(): string {
  // Numbers from 16384 on are of the user's own objects. The hash tells a row's version too: every change of it has an xmin of its own.
  const sum = (oid: string, from: string): string =>
    `(select concat(count(*), ':', sum(pg_catalog.hashint8((${oid}::bigint << 32) + o.xmin::text::bigint)::bigint)) from ${from})`
  const of = (relation: string): string =>
    `exists (select 1 from kept where kept.oid = ${relation})`
  return `with kept as materialized (
      select c.oid, c.relname, c.relkind, c.relnamespace, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
        pg_catalog.has_table_privilege(c.oid, 'SELECT') as readable
      from pg_catalog.pg_class c
      where c.oid >= 16384 and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence <> 't')
    select concat_ws(' ',
      (select concat(count(*), ':', sum(pg_catalog.hashtext(kept::text)::bigint)) from kept),
      ${sum('(o.attrelid::bigint * 1600 + o.attnum)', 'kept join pg_catalog.pg_attribute o on o.attrelid = kept.oid and o.attnum > 0')},
      ${sum('o.oid', `pg_catalog.pg_attrdef o where ${of('o.adrelid')}`)},
      ${sum('o.oid', `pg_catalog.pg_constraint o where o.oid >= 16384 and (o.conrelid = 0 or ${of('o.conrelid')})`)},
      ${sum('o.indexrelid', `pg_catalog.pg_index o where o.indisunique and ${of('o.indrelid')}`)},
      ${sum('o.oid', `pg_catalog.pg_trigger o where ${of('o.tgrelid')}`)},
      ${sum('o.oid', `pg_catalog.pg_rewrite o where ${of('o.ev_class')}`)},
      ${sum('o.inhrelid', `pg_catalog.pg_inherits o where ${of('o.inhrelid')}`)},
      ${sum('o.oid', 'pg_catalog.pg_policy o')},
      ${sum('o.oid', 'pg_catalog.pg_proc o where o.oid >= 16384')},
      ${sum('o.oid', 'pg_catalog.pg_event_trigger o')},
      (select concat(count(*), ':', sum(pg_catalog.hashtext(o.oid || o.nspname)::bigint)) from pg_catalog.pg_namespace o where o.nspname !~ '^pg_'),
      ${sum(
        '(o.setdatabase::bigint # o.setrole::bigint)',
        `pg_catalog.pg_db_role_setting o where o.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))
          and o.setrole in (0, (select oid from pg_catalog.pg_roles where rolname = current_user))`,
      )}
    ) as print`
}

function mysqlPrint(): string {
  const part = (columns: readonly string[], table: string, where: string): string => {
    const cells = columns.map((column) => `coalesce(quote(${column}), '')`).join(', ')
    const hash = `cast(conv(left(md5(concat_ws(',', ${cells})), 16), 16, 10) as unsigned)`
    return `(select concat(count(*), ':', bit_xor(${hash})) from information_schema.${table} where ${where})`
  }
  const here = (column: string): string => `${column} = database()`
  return `select concat_ws(' ',
    ${part(['table_name', 'table_type', 'engine'], 'tables', `${here('table_schema')} and table_type not like '%temporary%'`)},
    ${part(
      [
        'table_name',
        'ordinal_position',
        'column_name',
        'column_type',
        'is_nullable',
        'column_default',
        'extra',
        'generation_expression',
        'collation_name',
      ],
      'columns',
      here('table_schema'),
    )},
    ${part(
      ['table_name', 'index_name', 'seq_in_index', 'column_name', 'sub_part'],
      'statistics',
      `${here('table_schema')} and non_unique = 0`,
    )},
    ${part(
      [
        'constraint_schema',
        'table_name',
        'constraint_name',
        'referenced_table_name',
        'update_rule',
        'delete_rule',
      ],
      'referential_constraints',
      `${here('constraint_schema')} or ${here('unique_constraint_schema')}`,
    )},
    ${part(
      [
        'table_name',
        'constraint_name',
        'ordinal_position',
        'column_name',
        'referenced_column_name',
      ],
      'key_column_usage',
      `${here('table_schema')} and referenced_table_name is not null`,
    )},
    ${part(['table_name', 'view_definition'], 'views', here('table_schema'))},
    ${part(['routine_name', 'routine_type', 'routine_definition'], 'routines', here('routine_schema'))},
    ${part(
      [
        'trigger_name',
        'event_object_table',
        'event_manipulation',
        'action_timing',
        'action_statement',
      ],
      'triggers',
      here('event_object_schema'),
    )}
  ) as print`
}

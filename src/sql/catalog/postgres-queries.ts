const users = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'`
const relations = `pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace`

/** See {@link postgresQueries}. */
interface PostgresQueries {
  readonly server: string
  readonly relations: string
  readonly columns: string
  readonly keys: string
  readonly foreignKeys: string
  readonly triggers: string
  readonly rules: string
  readonly viewTables: string
  readonly inheritance: string
  /** Functions behind views, defaults and checks. */
  readonly hiddenCalls: string
  readonly policies: string
  /** Routines of the user's own, as the server's version shows them. */
  readonly routines: (version: number) => string
  readonly builtIn: string
}

/** The queries that read PostgreSQL's catalog. Names of system objects are qualified, so that no search path matters. */
export const postgresQueries: PostgresQueries = {
  server: `select pg_catalog.current_setting('server_version_num')::int as version,
      pg_catalog.current_setting('standard_conforming_strings') as strings,
      exists (select 1 from pg_catalog.pg_event_trigger where evtenabled <> 'D') as events`,

  relations: `select c.relname as name, c.relkind as kind, c.relrowsecurity as secured,
      exists (select 1 from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)
        or exists (select 1 from pg_catalog.pg_rewrite w where w.ev_class = c.oid and w.ev_type <> '1') as triggered,
      exists (select 1 from pg_catalog.pg_rewrite w where w.ev_class = c.oid and w.ev_type <> '1') as ruled,
      pg_catalog.has_table_privilege(c.oid, 'select') as readable,
      case when c.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(c.oid) end as body, c.oid::text as id
    from ${relations} where c.relkind in ('r', 'v', 'm', 'p', 'f', 'S') and ${users}
    order by pg_catalog.pg_table_is_visible(c.oid) desc, n.nspname`,

  columns: `select c.oid::text as id, a.attname as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as required,
      a.atthasdef or a.attidentity <> '' as preset, a.attgenerated <> '' or a.attidentity = 'a' as generated,
      case when a.attgenerated <> '' or t.typtype <> 'b' then null
        when tn.nspname = 'pg_catalog' and t.typname in ('int2', 'int4', 'int8') then 'integer'
        when tn.nspname = 'pg_catalog' and t.typname = 'uuid' then 'uuid'
        when tn.nspname = 'pg_catalog' and t.typname in ('text', 'varchar', 'bpchar') and l.collisdeterministic then 'text'
        when t.typname = 'citext' and l.collisdeterministic then 'text' end as exact
    from ${relations} join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_type t on t.oid = a.atttypid join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
    left join pg_catalog.pg_collation l on l.oid = a.attcollation
    where c.relkind in ('r', 'p', 'f') and ${users} order by c.oid, a.attnum`,

  keys: `select c.oid::text as id, i.indexrelid::text as idx, i.indisprimary as main, k.place, a.attname as col
    from ${relations} join pg_catalog.pg_index i on i.indrelid = c.oid and i.indisunique and i.indpred is null and i.indexprs is null and i.indisvalid
    cross join lateral pg_catalog.unnest(i.indkey::int2[]) with ordinality as k(num, place)
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = k.num
    where k.place <= i.indnkeyatts and ${users}
      and not exists (select 1 from pg_catalog.pg_collation l where l.oid = any(i.indcollation::oid[]) and not l.collisdeterministic)
    order by i.indexrelid, k.place`,

  foreignKeys: `select k.oid::text as fk, c.relname as child, c.oid::text as id, p.relname as parent, k.confupdtype as upd, k.confdeltype as del,
      a.attname as col, b.attname as own
    from pg_catalog.pg_constraint k join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_class p on p.oid = k.confrelid
    cross join lateral pg_catalog.generate_subscripts(k.conkey, 1) as n(place)
    join pg_catalog.pg_attribute a on a.attrelid = k.confrelid and a.attnum = k.confkey[n.place]
    join pg_catalog.pg_attribute b on b.attrelid = k.conrelid and b.attnum = k.conkey[n.place]
    where k.contype = 'f' order by k.oid, n.place`,

  triggers: `select c.relname as tbl, c.oid::text as id, p.proname as call, t.tgtype::int as type
    from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid join pg_catalog.pg_proc p on p.oid = t.tgfoid
    where not t.tgisinternal`,

  rules: `select c.relname as tbl, w.ev_type as event, pg_catalog.pg_get_ruledef(w.oid) as body
    from pg_catalog.pg_rewrite w join pg_catalog.pg_class c on c.oid = w.ev_class join pg_catalog.pg_namespace n on n.oid = c.relnamespace where w.ev_type <> '1' and ${users}`,

  viewTables: `select distinct v.relname as view, t.relname as base
    from pg_catalog.pg_rewrite w join pg_catalog.pg_class v on v.oid = w.ev_class and v.relkind in ('v', 'm')
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class t on t.oid = d.refobjid and t.oid <> v.oid
    join pg_catalog.pg_namespace n on n.oid = v.relnamespace where ${users}`,

  inheritance: `select p.relname as parent, c.relname as child
    from pg_catalog.pg_inherits i join pg_catalog.pg_class p on p.oid = i.inhparent join pg_catalog.pg_class c on c.oid = i.inhrelid
    where p.relkind in ('r', 'p', 'f')`,

  hiddenCalls: `select distinct c.relname as tbl, c.relkind in ('v', 'm') as view, p.proname as call
    from pg_catalog.pg_depend d join pg_catalog.pg_proc p on p.oid = d.refobjid join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    left join pg_catalog.pg_attrdef f on d.classid = 'pg_catalog.pg_attrdef'::regclass and f.oid = d.objid
    left join pg_catalog.pg_constraint k on d.classid = 'pg_catalog.pg_constraint'::regclass and k.oid = d.objid
    left join pg_catalog.pg_rewrite w on d.classid = 'pg_catalog.pg_rewrite'::regclass and w.oid = d.objid
    join pg_catalog.pg_class c on c.oid = coalesce(f.adrelid, k.conrelid, w.ev_class)
    where d.refclassid = 'pg_catalog.pg_proc'::regclass and ${users}`,

  policies: `select distinct c.relname as tbl, t.relname as companion
    from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
    join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
    join pg_catalog.pg_class t on t.oid = d.refobjid and t.oid <> c.oid`,

  routines: (
    version,
  ) => `select p.proname as name, l.lanname as language, p.provolatile as volatility, e.extname as extension,
      case when l.lanname not in ('sql', 'plpgsql') then null
        else ${version >= 140000 ? 'coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)' : 'p.prosrc'} end as body,
      g.aggtransfn::oid::text as agg,
      (select pg_catalog.string_agg(f.proname, ' ') from pg_catalog.pg_proc f
        where f.oid in (g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggmtransfn, g.aggmfinalfn, g.aggminvtransfn)) as parts
    from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace join pg_catalog.pg_language l on l.oid = p.prolang
    left join pg_catalog.pg_aggregate g on g.aggfnoid = p.oid
    left join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    left join pg_catalog.pg_extension e on e.oid = d.refobjid
    where ${users}`,

  builtIn: `select pg_catalog.string_agg(distinct proname, ' ') as names,
      pg_catalog.string_agg(distinct proname, ' ') filter (where provolatile = 'v') as changing
    from pg_catalog.pg_proc where pronamespace = 'pg_catalog'::regnamespace`,
}

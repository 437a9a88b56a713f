// The rooms of src/ and the arrows between them. One direction only: a room imports what its row
// names, Node, and the packages that `packages` lets it; `millrace.ts` introduces rooms to each other.

/** @type {Record<string, string[]>} room: the rooms that it may import */
const rooms = {
  base: [],
  contract: ['base'],
  codec: ['base', 'contract'],
  sql: ['base', 'contract'],
  coherence: ['base', 'contract'],
  cache: ['base', 'contract'],
  buffer: ['base', 'contract'],
  schema: ['base', 'contract'],
  'stores/memory': ['base', 'contract'],
  'stores/cluster': ['base', 'contract'],
  'stores/redis': ['base', 'contract'],
  'stores/lmdb': ['base', 'contract'],
  knex: ['base', 'contract', 'codec', 'sql', 'coherence', 'cache', 'buffer', 'schema'],
  database: ['base', 'contract', 'knex'],
  testing: ['base', 'contract'],
}

/**
 * The composition root, which resolves the options once, builds the rooms and closes them
 * (`millrace.ts`, with `options/` and `assembly/`), and the public entries, which only re-export (a
 * lint rule sees to that).
 */
const root = '^src/([a-z-]+\\.ts$|options/|assembly/)'

/** @type {Record<string, string>} package: who may import it, beside types */
const packages = {
  knex: '^src/(knex/|millrace\\.ts$|options)',
  lmdb: '^src/(buffer|stores/lmdb)/',
  nanoid: '^src/(base|database|knex)/|^src/millrace\\.ts|^src/options',
}

/** Installed by the user, loaded only when used. */
const optionalPeers = '^(better-sqlite3|pg|mysql2|ioredis)(/|$)'

/** @param {string} name */
const inPackage = (name) => `(^|/)node_modules/(@types/)?${name}/`

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `room-${room.replace('/', '-')}`,
      comment: `src/${room}/ may import only ${allowed.join(', ') || 'Node'}.`,
      severity: /** @type {const} */ ('error'),
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
    })),
    {
      name: 'unknown-room',
      comment: 'A directory of src/ that has no row in the table of rooms.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: `^src/(${Object.keys(rooms).join('|')})/|${root}` },
    },
    {
      name: 'unknown-room-itself',
      comment: 'A directory of src/ that has no row in the table of rooms.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: `^src/(${Object.keys(rooms).join('|')})/|${root}`,
      },
      to: {},
    },
    {
      name: 'assembly-is-outermost',
      comment: 'Only millrace.ts puts the parts together.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(assembly/|millrace\\.ts$)' },
      to: { path: '^src/assembly/' },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that import each other are one thought, or an interface is missing.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'base-is-node-only',
      comment: 'src/base/ needs no package.',
      severity: 'error',
      from: { path: '^src/(base|contract)/' },
      to: { path: 'node_modules/', dependencyTypesNot: ['type-only'] },
    },
    ...Object.entries(packages).map(([name, users]) => ({
      name: `package-${name}`,
      comment: `${name} is imported only by ${users}; others may name its types.`,
      severity: /** @type {const} */ ('error'),
      from: { path: '^src/', pathNot: users },
      to: {
        path: inPackage(name),
        dependencyTypesNot: /** @type {const} */ (['type-only']).slice(),
      },
    })),
    {
      name: 'sql-knows-no-knex',
      comment: 'The core speaks SQL text and connection identity, not Knex: not even its types.',
      severity: 'error',
      from: { path: '^src/(base|sql|coherence|cache|buffer|schema|codec|stores)/' },
      to: { path: inPackage('knex') },
    },
    {
      name: 'optional-peers-are-loaded-late',
      comment: 'Drivers are optional peers: import() them when used, describe them structurally.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        path: `${optionalPeers}|node_modules/(@types/)?(better-sqlite3|pg|mysql2|ioredis)/`,
        dynamic: false,
      },
    },
    {
      name: 'no-dev-dependency',
      comment: 'A user of the package does not have it.',
      severity: 'error',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        pathNot: `node_modules/@types/|${optionalPeers}|node_modules/(better-sqlite3|pg|mysql2|ioredis)/`,
      },
    },
    {
      name: 'src-stands-alone',
      comment: 'Sources do not import tests, benchmarks, examples or the build.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts|dist|\\.build)/' },
    },
    {
      name: 'unresolvable',
      severity: 'error',
      from: {},
      // An optional peer need not be installed here.
      to: { couldNotResolve: true, pathNot: optionalPeers },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Type imports are arrows too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}

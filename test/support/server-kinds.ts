import { execFileSync } from 'node:child_process'
import { accessSync, chownSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { probeMysql, probePostgres, probeRedis } from './probe.ts'
import type { ServiceName } from './services.ts'

/** What starting a server needs to know about it. */
export interface ServerKind {
  /** The server's binary, or nothing where it is not installed. */
  binary(): string | undefined
  /** Fill the empty directory with what the first start needs. */
  initialise(directory: string): void
  /** How it is run in the foreground. */
  command(directory: string, port: number): ServerCommand
  url(port: number): string
  /** Rejects unless the server answers. */
  probe(url: string): Promise<void>
  /** Shuts down at once but orderly, without waiting for clients to leave. */
  readonly stopSignal: NodeJS.Signals
  /**
   * More arguments for a server that a whole run uses and then throws away: room for the connections
   * of all its processes, and nothing is done for a power cut.
   */
  readonly argsForRun: readonly string[]
}

interface ServerCommand {
  readonly command: string
  readonly args: readonly string[]
  readonly identity: Identity
}

/** The user a server runs as; empty for our own. */
type Identity = { readonly uid: number; readonly gid: number } | Record<string, never>

const postgres: ServerKind = {
  binary: () => find('postgres'),
  initialise(directory) {
    const identity = postgresIdentity()
    if (identity.uid !== undefined) chownSync(directory, identity.uid, identity.gid)
    const data = join(directory, 'data')
    const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    run(need('initdb'), ['-D', data, ...options], directory, identity)
  },
  command: (directory, port) => ({
    command: need('postgres'),
    args: [
      ...['-D', join(directory, 'data'), '-p', String(port), '-k', directory],
      ...['-c', 'listen_addresses=127.0.0.1'],
      // Spares the disk: what a killed process wrote, the kernel still has.
      ...['-c', 'fsync=off'],
      // In the data directory, which is removed, and not where a killed server leaves it in memory.
      ...['-c', 'dynamic_shared_memory_type=mmap'],
    ],
    identity: postgresIdentity(),
  }),
  url: (port) => `postgres://postgres@127.0.0.1:${String(port)}/postgres`,
  probe: probePostgres,
  stopSignal: 'SIGINT',
  argsForRun: ['-c', 'max_connections=300', '-c', 'full_page_writes=off'],
}

const mysql: ServerKind = {
  binary: () => find('mariadbd', 'mysqld'),
  initialise(directory) {
    const data = `--datadir=${join(directory, 'data')}`
    const install = find('mariadb-install-db', 'mysql_install_db')
    if (install === undefined) {
      run(need('mysqld'), ['--no-defaults', '--initialize-insecure', ...asRoot(), data], directory)
      return
    }
    const options = ['--auth-root-authentication-method=normal', '--skip-test-db', ...asRoot()]
    run(install, ['--no-defaults', data, ...options], directory)
  },
  command: (directory, port) => ({
    command: need('mariadbd', 'mysqld'),
    args: [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${join(directory, 'data')}`,
      `--socket=${join(directory, 'mysql.sock')}`,
      `--pid-file=${join(directory, 'mysql.pid')}`,
      `--port=${String(port)}`,
      '--bind-address=127.0.0.1',
      // Spares the disk, as above.
      '--innodb-flush-log-at-trx-commit=2',
    ],
    identity: {},
  }),
  url: (port) => `mysql://root@127.0.0.1:${String(port)}`,
  probe: probeMysql,
  stopSignal: 'SIGTERM',
  // `loose`: MariaDB and MySQL do not know all of each other's.
  argsForRun: [
    '--max-connections=500',
    '--skip-innodb-doublewrite',
    '--loose-innodb-flush-method=nosync',
    '--loose-debug-no-sync',
  ],
}

const redis: ServerKind = {
  binary: () => find('redis-server'),
  initialise: () => undefined,
  command: (directory, port) => ({
    command: need('redis-server'),
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''],
    identity: {},
  }),
  url: (port) => `redis://127.0.0.1:${String(port)}`,
  probe: probeRedis,
  stopSignal: 'SIGTERM',
  argsForRun: [],
}

/** Every server that tests can start. */
export const serverKinds: Readonly<Record<ServiceName, ServerKind>> = { postgres, mysql, redis }

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** PostgreSQL refuses to run as root; there its package's user runs it. */
function postgresIdentity(): Identity {
  if (!isRoot()) return {}
  const id = (flag: string): number =>
    Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** MariaDB runs as root only if told so. */
function asRoot(): string[] {
  return isRoot() ? ['--user=root'] : []
}

function run(
  command: string,
  args: readonly string[],
  directory: string,
  identity: Identity = {},
): void {
  execFileSync(command, args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'], ...identity })
}

function need(...names: string[]): string {
  const found = find(...names)
  if (found === undefined) throw new Error(`${names.join(' or ')} is not on this machine.`)
  return found
}

/** The first binary of these names, in PATH, the directories of servers, or Debian's of PostgreSQL. */
function find(...names: string[]): string | undefined {
  const path = process.env['PATH']?.split(delimiter) ?? []
  const directories = [...path, '/usr/sbin', '/usr/local/sbin', ...postgresDirectories()]
  return names
    .flatMap((name) => directories.map((directory) => join(directory, name)))
    .find(isExecutable)
}

/** Debian keeps the binaries of each PostgreSQL out of PATH; the newest first. */
function postgresDirectories(): string[] {
  const base = '/usr/lib/postgresql'
  try {
    const versions = readdirSync(base).sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => join(base, version, 'bin'))
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

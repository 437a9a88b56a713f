import type { Knex } from 'knex'
import { MillraceError } from '../base/errors.ts'
import { shown } from '../base/shown.ts'
import { isReservedName } from '../database/reserved-names.ts'
import { identifyClient } from './identify-client.ts'
import { invalidOption, isPlainObject, readObject } from './option-reader.ts'
import type { ResolvedConnection } from './resolved-options.ts'

const remedy =
  "Give a Knex configuration such as { client: 'pg', connection: { ... } }, or a Knex instance."

/** Reads `connections`. Throws `MILLRACE_OPTION_INVALID` or `MILLRACE_CLIENT_UNSUPPORTED`. */
export function resolveConnections(value: unknown): ReadonlyMap<string, ResolvedConnection> {
  const given = readObject(value, 'connections', 'Give an object such as { default: { ... } }.')
  const connections = new Map<string, ResolvedConnection>()
  for (const [name, connection] of Object.entries(given)) {
    checkName(name)
    connections.set(name, resolveConnection(name, connection, `connections.${name}`))
  }
  if (!connections.has('default')) {
    throw invalidOption(
      'connections.default',
      'is missing',
      'Name one connection default: its tables are DB.<table>.',
    )
  }
  refuseSharedInstance(connections)
  return connections
}

/** Reads one connection. Knex instances are told by what they can do, so that one of another Knex copy is accepted. */
export function resolveConnection(name: string, value: unknown, path: string): ResolvedConnection {
  if (isKnexInstance(value)) {
    if ('isTransaction' in value && value.isTransaction === true) {
      throw invalidOption(path, 'is a transaction', 'Give the Knex instance that it was begun on.')
    }
    const { dialect } = identifyClient(value.client, path)
    return { kind: 'instance', name, dialect, knex: value as unknown as Knex }
  }
  if (!isPlainObject(value)) throw invalidOption(path, `is ${shown(value)}`, remedy)
  const config: Knex.Config = value
  // Knex still reads the client's name from `dialect` where `client` is missing.
  const { dialect, driver } = identifyClient(config.client ?? config.dialect, path)
  return { kind: 'config', name, dialect, driver, config }
}

/** What makes a function a Knex instance. */
interface KnexLike {
  readonly client: unknown
  readonly raw: unknown
}

function isKnexInstance(value: unknown): value is KnexLike {
  return (
    typeof value === 'function' &&
    'client' in value &&
    typeof value.client === 'object' &&
    value.client !== null &&
    'raw' in value &&
    typeof value.raw === 'function'
  )
}

function checkName(name: string): void {
  const path = `connections.${name}`
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) {
    throw invalidOption(
      path,
      'is not a name that can be written DB.<name>',
      'Use letters, digits and _.',
    )
  }
  if (isReservedName(name)) {
    throw invalidOption(path, `would hide DB.${name}`, 'Give the connection another name.')
  }
}

function refuseSharedInstance(connections: ReadonlyMap<string, ResolvedConnection>): void {
  const names = new Map<unknown, string>()
  for (const connection of connections.values()) {
    if (connection.kind === 'config') continue
    const { client } = connection.knex as unknown as KnexLike
    const other = names.get(client)
    if (other !== undefined) {
      throw new MillraceError(
        'MILLRACE_OPTION_INVALID',
        `connections.${other} and connections.${connection.name} are the same Knex instance.`,
        { remedy: 'Give each instance one name.' },
      )
    }
    names.set(client, connection.name)
  }
}

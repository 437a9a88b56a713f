import type { Dialect } from '../contract/dialect.ts'
import type { Target } from '../contract/target.ts'

/** The applied position of each journal's lane, and who may move it. */
export const ledgerTable = '_millrace_ledger'
/** Writes that the database refused for good. */
export const deadTable = '_millrace_dead'

const mysqlTail = ' ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'

const definitions: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  sqlite: {
    [ledgerTable]:
      '(source TEXT NOT NULL, lane TEXT NOT NULL, epoch INTEGER NOT NULL, last_seq INTEGER NOT NULL, PRIMARY KEY (source, lane))',
    [deadTable]:
      '(id TEXT NOT NULL PRIMARY KEY, source TEXT NOT NULL, lane TEXT NOT NULL, seq INTEGER NOT NULL, table_name TEXT NOT NULL, kind TEXT NOT NULL, op BLOB NOT NULL, error TEXT NOT NULL, code TEXT)',
  },
  postgres: {
    [ledgerTable]:
      '(source TEXT NOT NULL, lane TEXT NOT NULL, epoch BIGINT NOT NULL, last_seq BIGINT NOT NULL, PRIMARY KEY (source, lane))',
    [deadTable]:
      '(id TEXT NOT NULL PRIMARY KEY, source TEXT NOT NULL, lane TEXT NOT NULL, seq BIGINT NOT NULL, table_name TEXT NOT NULL, kind TEXT NOT NULL, op BYTEA NOT NULL, error TEXT NOT NULL, code TEXT)',
  },
  mysql: {
    [ledgerTable]: `(source VARCHAR(64) NOT NULL, lane VARCHAR(128) NOT NULL, epoch BIGINT NOT NULL, last_seq BIGINT NOT NULL, PRIMARY KEY (source, lane))${mysqlTail}`,
    [deadTable]: `(id VARCHAR(255) NOT NULL PRIMARY KEY, source VARCHAR(64) NOT NULL, lane VARCHAR(128) NOT NULL, seq BIGINT NOT NULL, table_name VARCHAR(255) NOT NULL, kind VARCHAR(16) NOT NULL, op LONGBLOB NOT NULL, error TEXT NOT NULL, code VARCHAR(64))${mysqlTail}`,
  },
}

/**
 * Makes Millrace's tables where they are missing; two processes may do so at once (PostgreSQL's IF NOT EXISTS fails in that
 * race, so a failure only counts when the table is still not there).
 */
export async function ensureTables(target: Target): Promise<void> {
  let made = false
  for (const [name, definition] of Object.entries(definitions[target.dialect])) {
    if (await exists(target, name)) continue
    try {
      await target.query(`CREATE TABLE IF NOT EXISTS ${name} ${definition}`)
      made = true
    } catch (error) {
      if (!(await exists(target, name))) throw error
    }
  }
  if (made) await target.refreshCatalog()
}

/** Whether a table can be read; rejects when that cannot be told. */
export async function exists(target: Target, name: string): Promise<boolean> {
  try {
    await target.query(`SELECT 1 FROM ${name} WHERE 1 = 0`)
    return true
  } catch (error) {
    if (target.classify(error) === 'schema') return false
    throw error
  }
}

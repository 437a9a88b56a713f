import { readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dropServerDatabases, type ServerName } from './database-admin.ts'

/** Remove the databases and the temporary directories whose names `unwanted` accepts. */
export async function sweep(
  servers: readonly ServerName[],
  unwanted: (name: string) => boolean,
): Promise<void> {
  for (const server of servers) {
    try {
      await dropServerDatabases(server, unwanted)
    } catch (error) {
      // Two runs may remove the same leftover; a server that died meanwhile keeps its databases.
      console.warn(`could not remove test databases of ${server}:`, error)
    }
  }
  for (const entry of await readdir(tmpdir())) {
    if (!unwanted(entry)) continue
    // Again, where a server that is being killed at this moment still wrote a file.
    const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }
    await rm(join(tmpdir(), entry), options)
  }
}

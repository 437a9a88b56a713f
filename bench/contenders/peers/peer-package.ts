import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What installs the packages that peers need. */
export const installCommand = 'npm ci --prefix bench/peers'

/** The version that is installed in `bench/peers/`; `undefined` if there is none. What lies in the library's own `node_modules` does not count. */
export async function installedVersion(name: string): Promise<string | undefined> {
  try {
    const manifest = await readFile(
      join('bench', 'peers', 'node_modules', name, 'package.json'),
      'utf8',
    )
    return (JSON.parse(manifest) as { readonly version: string }).version
  } catch {
    return undefined
  }
}

/** Loads a package of `bench/peers/package.json`, described by the little that is used of it. Rejects if it is not installed. */
export async function loadPeer<Used>(name: string, entry: string = name): Promise<Used> {
  if ((await installedVersion(name)) === undefined) {
    throw new Error(`${name} is not installed: ${installCommand}`)
  }
  const bridge = pathToFileURL(join(process.cwd(), 'bench', 'peers', 'import-peer.js')).href
  const { importPeer } = (await import(bridge)) as { importPeer(name: string): Promise<unknown> }
  return (await importPeer(entry)) as Used
}

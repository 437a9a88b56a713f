import { createHash, randomUUID } from 'node:crypto'
import { lstat, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isAlive, isSame, thisProcess } from '../base/process-identity.ts'
import type { ProcessIdentity } from '../base/process-identity.ts'
import type { DeadMarker, MarkerFiles } from '../coherence/marker-files.ts'

/** What a marker says. */
interface MarkerText {
  /** Who writes. */
  readonly writer: ProcessIdentity
  /** Who owns the authority that its writes are announced to: itself, or the primary. */
  readonly owner: ProcessIdentity
  /** The writer closed, or gave up, with something under way. */
  readonly left: boolean
}

/** What a {@link MarkerDirectory} is made of. */
export interface MarkerDirectoryOptions {
  /** Where markers lie; a directory of this user in the system's temporary one (`TMPDIR`) unless given. */
  readonly directory?: string
  /** This process, unless given. */
  readonly writer?: ProcessIdentity
  /** The process that owns the authority; the writer itself unless given. */
  readonly owner?: ProcessIdentity
}

/**
 * Markers as small files in a directory that only this user may enter. A marker is dead when the owner of the authority is, or
 * cannot be seen from here: nobody knows the writer's marks any more, whether it lives or not. While the owner lives, it settles
 * what its workers leave. A marker that cannot be read is dead too.
 */
export class MarkerDirectory implements MarkerFiles {
  readonly #directory: string
  readonly #writer: ProcessIdentity
  readonly #owner: ProcessIdentity
  /** Keeps two Millraces of one process apart. */
  readonly #life = randomUUID().slice(0, 8)

  constructor(options: MarkerDirectoryOptions = {}) {
    this.#directory = options.directory ?? join(tmpdir(), userDirectory())
    this.#writer = options.writer ?? thisProcess()
    this.#owner = options.owner ?? this.#writer
  }

  write(database: string): Promise<void> {
    return this.#put(database, false)
  }

  async remove(database: string): Promise<void> {
    await rm(this.#path(database), { force: true })
  }

  leave(database: string): Promise<void> {
    return this.#put(database, true)
  }

  dead(database: string): Promise<readonly DeadMarker[]> {
    return this.#find(database, (text) => text === undefined || text.left || !isAlive(text.owner))
  }

  ofDeadWorkers(database: string): Promise<readonly DeadMarker[]> {
    return this.#find(
      database,
      (text) => text !== undefined && isSame(text.owner, this.#writer) && !isAlive(text.writer),
    )
  }

  async forget(markers: readonly DeadMarker[]): Promise<void> {
    await Promise.all(markers.map((name) => rm(join(this.#directory, name), { force: true })))
  }

  async #put(database: string, left: boolean): Promise<void> {
    await this.#ownDirectory()
    const path = this.#path(database)
    const text: MarkerText = { writer: this.#writer, owner: this.#owner, left }
    // Beside it and then renamed: whoever reads it reads all of it.
    const draft = join(this.#directory, `.${this.#name(database)}`)
    await writeFile(draft, JSON.stringify(text), { mode: 0o600 })
    await rename(draft, path)
  }

  /** The temporary directory is everybody's: what stands there under this name must be ours, and no link. */
  async #ownDirectory(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    const found = await lstat(this.#directory)
    const foreign = process.getuid !== undefined && found.uid !== process.getuid()
    if (!found.isDirectory() || foreign) {
      throw new Error(`${this.#directory} is not a directory of this user.`)
    }
  }

  /** Those of others for a database; `undefined` stands for a text that cannot be read. */
  async #find(
    database: string,
    wanted: (text: MarkerText | undefined) => boolean,
  ): Promise<readonly DeadMarker[]> {
    const prefix = `${hashOf(database)}-`
    const own = this.#name(database)
    const names = (await readdir(this.#directory).catch(nothingIfMissing)) ?? []
    const found: DeadMarker[] = []
    for (const name of names) {
      if (!name.startsWith(prefix) || name === own) continue
      const text = await readFile(join(this.#directory, name), 'utf8').catch(nothingIfMissing)
      if (text !== undefined && wanted(parse(text))) found.push(name)
    }
    return found
  }

  #path(database: string): string {
    return join(this.#directory, this.#name(database))
  }

  #name(database: string): string {
    const { pid, start } = this.#writer
    return `${hashOf(database)}-${String(pid)}-${start ?? '0'}-${this.#life}`
  }
}

function parse(text: string): MarkerText | undefined {
  try {
    const { writer, owner, left } = JSON.parse(text) as MarkerText
    // What lacks one of them fails here.
    if (typeof writer.pid === 'number' && typeof owner.pid === 'number') {
      return { writer, owner, left }
    }
  } catch {
    // Torn, or another's.
  }
  return undefined
}

function userDirectory(): string {
  const user = process.getuid?.()
  return user === undefined ? 'millrace' : `millrace-${String(user)}`
}

function hashOf(database: string): string {
  return createHash('sha256').update(database).digest('hex').slice(0, 32)
}

/** Removed meanwhile, or never there. */
function nothingIfMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}

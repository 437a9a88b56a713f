import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { guard, isRunning, isStopped, processTree, signalAll } from './processes.ts'
import { runDirectory } from './run.ts'
import { type ServerKind, serverKinds } from './server-kinds.ts'
import type { ServiceName } from './services.ts'
import { until } from './wait.ts'

/**
 * A server that this run started. It listens on a free loopback port; its data lies in a temporary
 * directory that the end of the run removes. It dies with the process that started it, even if that
 * is killed.
 */
export interface PrivateServer {
  /** No password; user `postgres` or `root`. */
  readonly url: string
  readonly port: number
  readonly directory: string
  /** Of the server's first process; changes with `restart()`. */
  readonly pid: number
  /** Shut down in the orderly way and wait for it. The data stays for `restart()`. */
  stop(): Promise<void>
  /** SIGKILL to every process of it, as a crash; wait until they are gone. */
  kill(): Promise<void>
  /** SIGSTOP to every process of it, and wait until all are stopped: connections stay open and nothing answers. */
  freeze(): Promise<void>
  /** SIGCONT to every process of it. */
  thaw(): void
  /** Stop it if it runs, start it on the same port and data, and wait until it answers. */
  restart(): Promise<void>
}

/** How a server is started. */
export interface ServerOptions {
  /** More command line arguments, for example `['--appendonly', 'yes']`. */
  readonly args?: readonly string[]
}

/** Whether the binaries of a server are on this machine. */
export function canStartServer(name: ServiceName): boolean {
  return serverKinds[name].binary() !== undefined
}

/** Create a server's data directory, start it and wait until it answers. It belongs to the run of this name. */
export async function startServer(
  run: string,
  name: ServiceName,
  { args = [] }: ServerOptions = {},
): Promise<PrivateServer> {
  const kind = serverKinds[name]
  if (kind.binary() === undefined)
    throw new Error(`The binaries of ${name} are not on this machine.`)
  const directory = `${runDirectory(run)}_${randomBytes(4).toString('hex')}`
  mkdirSync(directory, { mode: 0o755 })
  kind.initialise(directory)
  const server = new Server(kind, directory, await freePort(), args)
  await server.restart()
  return server
}

class Server implements PrivateServer {
  readonly url: string
  readonly port: number
  readonly directory: string
  readonly #kind: ServerKind
  readonly #args: readonly string[]
  #process: ChildProcess | undefined
  #unguard: () => void = () => undefined

  constructor(kind: ServerKind, directory: string, port: number, args: readonly string[]) {
    this.url = kind.url(port)
    this.port = port
    this.directory = directory
    this.#kind = kind
    this.#args = args
  }

  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error('The private server does not run.')
    return pid
  }

  async stop(): Promise<void> {
    if (this.#process === undefined) return
    this.thaw()
    await this.#end([this.pid], this.#kind.stopSignal)
  }

  async kill(): Promise<void> {
    if (this.#process === undefined) return
    await this.#end(processTree(this.pid), 'SIGKILL')
  }

  async freeze(): Promise<void> {
    const tree = processTree(this.pid)
    signalAll(tree, 'SIGSTOP')
    // The kernel stops a process when it next runs, which may be a moment later.
    await until(() => tree.every((pid) => isStopped(pid) || !isRunning(pid)), {
      what: 'the server to stop',
    })
  }

  thaw(): void {
    signalAll(processTree(this.pid), 'SIGCONT')
  }

  async restart(): Promise<void> {
    await this.stop()
    const log = join(this.directory, 'server.log')
    const output = openSync(log, 'a')
    const { command, args, identity } = this.#kind.command(this.directory, this.port)
    const child = spawn(command, [...args, ...this.#args], {
      cwd: this.directory,
      stdio: ['ignore', output, output],
      ...identity,
    })
    closeSync(output)
    await once(child, 'spawn')
    this.#process = child
    this.#unguard = guard(this.pid)
    await until(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return 'ended'
        await this.#kind.probe(this.url)
        return 'answers'
      },
      { timeoutMs: 25_000, what: `the private server at ${this.url} to answer` },
    ).then((state) => {
      if (state === 'ended') throw new Error(`It did not start:\n${readFileSync(log, 'utf8')}`)
    })
  }

  async #end(pids: readonly number[], signal: NodeJS.Signals): Promise<void> {
    const tree = processTree(this.pid)
    signalAll(pids, signal)
    // Its children too: PostgreSQL refuses to start while one of the old processes lives.
    await until(() => !tree.some(isRunning), { timeoutMs: 25_000, what: `${signal} to end it` })
    this.#unguard()
    this.#process = undefined
  }
}

async function freePort(): Promise<number> {
  const socket = createServer().listen(0, '127.0.0.1')
  await once(socket, 'listening')
  const address = socket.address()
  socket.close()
  await once(socket, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

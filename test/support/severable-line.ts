import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What a client sent when its line was cut: the server has not heard it yet. */
export interface Held {
  /** Lets the server hear it, and resolves when the server has answered; nobody hears that answer. */
  deliver(): Promise<void>
  /** The server never hears it: its side of the line is cut too. */
  lose(): void
}

/**
 * A TCP line to a server, for tests that cut it: between a statement and its arrival, or between its arrival and the answer. Clients
 * connect to `port` of 127.0.0.1.
 */
export class SeverableLine {
  readonly #server: Server
  readonly #target: { readonly host: string; readonly port: number }
  readonly #sockets = new Set<Socket>()
  #trap: { readonly text: string; readonly spring: (held: Held) => void } | undefined

  private constructor(server: Server, target: { readonly host: string; readonly port: number }) {
    this.#server = server
    this.#target = target
    server.on('connection', (client) => {
      this.#join(client)
    })
  }

  static async to(host: string, port: number): Promise<SeverableLine> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new SeverableLine(server, { host, port })
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  /** Cuts the client off that next sends this text, at that moment. Only what is sent in one piece is found. */
  cutAt(text: string): Promise<Held> {
    return new Promise((resolve) => {
      this.#trap = { text, spring: resolve }
    })
  }

  /** Cuts all lines that are open now, on both sides. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #join(client: Socket): void {
    const server = connect(this.#target.port, this.#target.host)
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      // The other side hears of it by `close`.
      socket.on('error', () => undefined)
      socket.on('close', () => this.#sockets.delete(socket))
    }
    let held = false
    client.on('data', (data) => {
      const trap = this.#trap
      if (trap === undefined || !data.includes(trap.text)) {
        server.write(data)
        return
      }
      this.#trap = undefined
      held = true
      client.destroy()
      trap.spring({
        deliver: async () => {
          server.write(data)
          await once(server, 'data')
          server.destroy()
        },
        lose: () => server.destroy(),
      })
    })
    server.on('data', (data) => client.write(data))
    client.on('close', () => {
      if (!held) server.destroy()
    })
    server.on('close', () => client.destroy())
  }
}

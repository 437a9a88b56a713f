import { createConnection as connectSocket } from 'node:net'
import { createConnection as connectMysql } from 'mysql2/promise'
import pg from 'pg'

/** A server that does not answer within this time is not there. */
const probeTimeoutMs = 5000

/** Rejects unless PostgreSQL lets us in. */
export async function probePostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: probeTimeoutMs })
  await client.connect()
  await client.end()
}

/** Rejects unless MariaDB or MySQL lets us in. */
export async function probeMysql(url: string): Promise<void> {
  const client = await connectMysql({ uri: url, connectTimeout: probeTimeoutMs })
  await client.end()
}

/** Rejects unless Redis answers a bare PING; a server that asks for a password has answered too. */
export async function probeRedis(url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  await new Promise<void>((resolve, reject) => {
    const socket = connectSocket({ host: hostname, port: port === '' ? 6379 : Number(port) })
    socket.setTimeout(probeTimeoutMs, () => {
      socket.destroy(new Error('no answer'))
    })
    socket.once('error', reject)
    socket.once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => {
      socket.destroy()
      if (/^(\+PONG|-NOAUTH)/.test(data.toString('latin1'))) resolve()
      else reject(new Error('something else answers there'))
    })
  })
}

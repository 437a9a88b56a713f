import { Readable } from 'node:stream'

/**
 * Runs a statement whose rows go to Knex's stream.
 *
 * - Knex shows its stream the errors that are thrown, and leaves those of a promise to the driver's own stream. What fails before there is
 *   one (a write that cannot be announced, a package that is missing) is shown to the stream here.
 * - Where a caller ends the stream himself, the driver's promise stays open for ever, or rejects with the caller's error: the statement counts
 *   as one without an answer then. Knex is given the driver's promise all the same: it gives the connection back when that settles, and has
 *   done so already for a stream that was closed.
 */
export async function streamed(
  target: unknown,
  run: (send: (start: () => Promise<unknown>) => Promise<unknown>) => Promise<unknown>,
): Promise<unknown> {
  const stream = target instanceof Readable ? target : undefined
  const driver: { promise?: Promise<unknown> } = {}
  try {
    await run((start) => {
      // Listens before Knex does, whose own listener takes an error of the caller for one of the database.
      const closed = stream && closedEarly(stream)
      const promise = start()
      driver.promise = promise
      return closed === undefined ? promise : Promise.race([promise, closed])
    })
  } catch (error) {
    if (driver.promise === undefined) {
      stream?.emit('error', error)
      throw error
    }
  }
  return await driver.promise
}

/** Rejects when a stream is ended by its caller; one that has come to its end is closed too, but is not asked any more then. */
function closedEarly(stream: Readable): Promise<never> {
  const closed = new Promise<never>((_, reject) => {
    const close = (): void => {
      const error = new Error('The stream was closed before its end.')
      reject(Object.assign(error, { code: 'ERR_STREAM_PREMATURE_CLOSE' }))
    }
    if (stream.destroyed) close()
    stream.once('close', close)
    stream.prependListener('error', () => {
      // An error that the driver shows leaves the stream as it is.
      if (stream.destroyed) close()
    })
  })
  // The statement may never be sent.
  closed.catch(() => undefined)
  return closed
}

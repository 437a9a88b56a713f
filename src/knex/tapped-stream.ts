import { EventEmitter } from 'node:events'

/**
 * Runs a statement whose rows go to Knex's stream.
 *
 * Knex shows its stream the errors that are thrown, and leaves those of a promise to the driver's own stream. What fails before
 * there is one (a write that cannot be announced, a package that is missing) is shown to the stream here. And where a caller closes the
 * stream before its end, the driver's promise stays open for ever: the statement then counts as one without an answer.
 */
export async function streamed(
  target: unknown,
  run: (send: (start: () => Promise<unknown>) => Promise<unknown>) => Promise<unknown>,
): Promise<unknown> {
  const stream = target instanceof EventEmitter ? (target as EventEmitter) : undefined
  const driver = { hasStarted: false }
  try {
    return await run((start) => {
      const ended = start()
      driver.hasStarted = true
      return stream === undefined ? ended : Promise.race([ended, closedEarly(stream)])
    })
  } catch (error) {
    if (!driver.hasStarted) stream?.emit('error', error)
    throw error
  }
}

/** Rejects when the stream is closed; one that has come to its end is closed too, but is not asked any more then. */
function closedEarly(stream: EventEmitter): Promise<never> {
  return new Promise((_, reject) => {
    stream.once('close', () => {
      const error = new Error('The stream was closed before its end.')
      reject(Object.assign(error, { code: 'ERR_STREAM_PREMATURE_CLOSE' }))
    })
  })
}

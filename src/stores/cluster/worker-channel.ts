import type { Message } from '../../contract/bus.ts'

/** A worker's end of the message channel that Node gives it. */
export interface WorkerChannel {
  /** Sends a message. Never throws: a channel that is closed or broken is told to `onFailure`. */
  send(message: Message, onFailure: (error: Error) => void): void
  onMessage(handler: (message: unknown) => void): void
  /** Called once the channel is closed: the primary is gone, or someone disconnected. */
  onClosed(handler: () => void): void
  /** Stops listening; the channel itself belongs to the application. */
  close(): void
}

/** What {@link processChannel} calls of `process`. */
export interface ProcessWithChannel {
  readonly connected?: boolean
  send?(
    message: unknown,
    handle: undefined,
    options: undefined,
    done: (error: Error | null) => void,
  ): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'disconnect', listener: () => void): unknown
  off(event: 'message', listener: (message: unknown) => void): unknown
  off(event: 'disconnect', listener: () => void): unknown
}

/** The channel of this process to the primary that forked it. The application's own messages pass by untouched. */
export function processChannel(process: ProcessWithChannel): WorkerChannel {
  const messageListeners: ((message: unknown) => void)[] = []
  const closeListeners: (() => void)[] = []
  return {
    send(message, onFailure) {
      if (process.send === undefined || process.connected !== true) {
        onFailure(new Error('The channel to the primary is closed.'))
        return
      }
      try {
        process.send(message, undefined, undefined, (error) => {
          if (error !== null) onFailure(error)
        })
      } catch (error) {
        onFailure(error instanceof Error ? error : new Error(String(error)))
      }
    },
    onMessage(handler) {
      messageListeners.push(handler)
      process.on('message', handler)
    },
    onClosed(handler) {
      closeListeners.push(handler)
      process.on('disconnect', handler)
    },
    close() {
      for (const listener of messageListeners) process.off('message', listener)
      for (const listener of closeListeners) process.off('disconnect', listener)
    },
  }
}

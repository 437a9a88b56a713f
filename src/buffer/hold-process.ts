import { MessageChannel } from 'node:worker_threads'

/** Keeps the process alive while somebody waits for a flush, whose retry timers do not. Returns the release. */
export function holdProcess(): () => void {
  const { port1 } = new MessageChannel()
  port1.ref()
  return () => {
    port1.close()
  }
}

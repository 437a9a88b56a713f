/** Keeps the process alive while somebody waits for a flush, whose retry timers do not. Returns the release. */
export function holdProcess(): () => void {
  const handle = setInterval(() => undefined, 2 ** 30)
  return () => {
    clearInterval(handle)
  }
}

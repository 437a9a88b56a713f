/** Runs a handler whose failure has nobody to go to: it becomes a warning and takes nothing down. */
export function attempt(run: () => void): void {
  try {
    run()
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error))
  }
}

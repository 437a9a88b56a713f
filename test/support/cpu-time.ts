/** Less is not measured well: some kernels count the time of a process in steps of 10 ms. */
const leastMeasuredMicros = 100_000

/**
 * The CPU time that one run of `work` takes, in microseconds: it is repeated until all runs together
 * have taken enough to be measured. Only good for ratios, with wide margins.
 */
export function cpuTimeOf(work: () => void): number {
  // Not measured: the first run of all code is slower.
  work()
  const start = process.cpuUsage().user
  for (let runs = 1; ; runs++) {
    work()
    const taken = process.cpuUsage().user - start
    if (taken >= leastMeasuredMicros) return taken / runs
  }
}

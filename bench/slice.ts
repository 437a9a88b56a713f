/** Nanoseconds per call in one slice. */
export interface SliceResult {
  readonly calls: number
  readonly mean: number
  readonly p50: number
  readonly p99: number
}

/** Takes one slice of calls. `accept` is shown each answer, and throws where it is not what it should be. */
export type Slicer = (
  run: () => unknown,
  sliceMs: number,
  accept?: (answer: unknown) => void,
) => Promise<SliceResult>

/**
 * Times every call on its own. No collection of garbage before: a full one makes V8 forget the code that it has optimised for objects of
 * which none lives at that moment, and the slice would measure how it is compiled again.
 */
export async function timedSlice(run: () => unknown, sliceMs: number): Promise<SliceResult> {
  const samples: number[] = []
  const end = performance.now() + sliceMs
  let before = process.hrtime.bigint()
  do {
    const done = run()
    if (isThenable(done)) await done
    const after = process.hrtime.bigint()
    samples.push(Number(after - before))
    before = after
  } while (performance.now() < end)
  return { ...figuresOf(samples), calls: samples.length }
}

/** Calls between two looks at the clock last about this long. */
const batchNs = 50_000
/** The event loop has a turn at least this often, as in a server: timers fire, messages arrive. */
const turnNs = 1_000_000

/**
 * For calls that cost less than looking at the clock does: `p50` is the median of batches of calls, each timed as a whole, and `mean` that
 * of all batches. A call in 16, timed on its own and counted nowhere else, makes `p99`. Between batches the event loop gets its turns.
 */
export const batchedSlice: Slicer = async (run, sliceMs, accept = () => undefined) => {
  const batches: number[] = []
  const single: number[] = []
  let size = 1
  let calls = 0
  let turnBegun = process.hrtime.bigint()
  const end = performance.now() + sliceMs
  do {
    const begun = process.hrtime.bigint()
    for (let call = 0; call < size; call++) {
      accept(await run())
    }
    const elapsed = Number(process.hrtime.bigint() - begun)
    calls += size
    // The first batches find out how many calls the others have.
    if (elapsed < batchNs / 4 && size < 512) size *= 2
    else batches.push(elapsed / size)
    const singles = Math.max(1, size >> 4)
    for (let call = 0; call < singles; call++) {
      const before = process.hrtime.bigint()
      accept(await run())
      single.push(Number(process.hrtime.bigint() - before))
    }
    calls += singles
    if (process.hrtime.bigint() - turnBegun > turnNs) {
      await new Promise((resolve) => setImmediate(resolve))
      turnBegun = process.hrtime.bigint()
    }
  } while (performance.now() < end || batches.length === 0)
  return { ...figuresOf(batches), p99: figuresOf(single).p99, calls }
}

/** `inFlight` callers at once, each asking again as soon as it was answered; the figures are the time per answer of all together. */
export function concurrentSlices(inFlight: number): Slicer {
  return async (run, sliceMs, accept = () => undefined) => {
    let calls = 0
    const begun = process.hrtime.bigint()
    const end = performance.now() + sliceMs
    const caller = async (): Promise<void> => {
      for (let own = 1; ; own++) {
        accept(await run())
        calls += 1
        if (performance.now() >= end) return
        // A hit asks nobody: without this, one caller would keep the others from their turns.
        if (own % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
    }
    await Promise.all(Array.from({ length: inFlight }, caller))
    const mean = Number(process.hrtime.bigint() - begun) / calls
    return { calls, mean, p50: mean, p99: mean }
  }
}

function figuresOf(samples: number[]): Omit<SliceResult, 'calls'> {
  const total = samples.reduce((sum, sample) => sum + sample, 0)
  samples.sort((a, b) => a - b)
  return {
    mean: total / samples.length,
    p50: samples[samples.length >> 1] ?? NaN,
    p99: samples[Math.min(samples.length - 1, Math.floor(samples.length * 0.99))] ?? NaN,
  }
}

/** A builder of Knex is one too, without being a promise. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

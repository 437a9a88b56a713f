import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { estimate, medianOf, shuffle, type Estimate } from './interval.ts'

/** Asks a contender for calls of one kind. */
export interface SliceOrder {
  readonly kind: string
  readonly sliceMs: number
}

/** Nanoseconds per call in one slice. */
export interface SliceResult {
  readonly calls: number
  readonly mean: number
  readonly p50: number
}

/** How long and how often is measured. */
export interface RoundPlan {
  /** How many times fresh processes are started: each has its own luck with its compiler and its memory. */
  readonly lives: number
  /** Rounds of each life; in each, every contender has one slice of every kind. */
  readonly rounds: number
  readonly sliceMs: number
  /** Milliseconds of calls before the first round, per contender and kind. */
  readonly warmUpMs: number
}

/** A contender: a program that ends in `serveSlices`, and the JSON in its first argument. */
export interface ProcessContender {
  /** The compiled program's path. */
  readonly program: string
  readonly order: object
}

/** The slices of one life: for each kind those of each contender, by round. */
export type Life = ReadonlyMap<string, readonly (readonly SliceResult[])[]>

/**
 * Measures contenders side by side, each in a process of its own: what one does to its compiler, its heap and its collector is its own.
 * One slice runs at a time. In every round the kinds, and the contenders of each kind, come in a random order; what slows the machine down
 * for a moment meets neighbours, and nobody has his place by habit.
 */
export async function oneLife(
  contenders: readonly ProcessContender[],
  kinds: readonly string[],
  { rounds, sliceMs, warmUpMs }: RoundPlan,
): Promise<Life> {
  const children: ChildProcess[] = []
  try {
    for (const contender of contenders) children.push(await start(contender))
    for (const kind of kinds) {
      for (const child of children) await ask(child, { kind, sliceMs: warmUpMs })
    }
    const life = new Map(kinds.map((kind) => [kind, children.map((): SliceResult[] => [])]))
    for (let round = 0; round < rounds; round++) {
      for (const [kind, slices] of shuffle([...life])) {
        for (const [place, child] of shuffle([...children.entries()])) {
          slices[place]?.push(await ask(child, { kind, sliceMs }))
        }
      }
    }
    return life
  } finally {
    for (const child of children) await stop(child)
  }
}

/** A contender's share of a comparison. */
export interface Comparison {
  readonly calls: number
  /** Microseconds per call: the median of all slices' medians. */
  readonly p50us: number
  /** Time per call over the base's of the same round, by the slices' medians. 1 is the same. */
  readonly ratio: Estimate
  /** The same by the slices' means, which hold collections of garbage and whatever else happens now and then. */
  readonly meanRatio: Estimate
}

/** Compares each contender with the one at `base`, round by round. */
export function compare(lives: readonly Life[], kind: string, base: number): Comparison[] {
  const slicesOf = (place: number): readonly (readonly SliceResult[])[] =>
    lives.map((life) => life.get(kind)?.[place] ?? [])
  const ratio = (place: number, figure: 'p50' | 'mean'): Estimate =>
    estimate(
      slicesOf(place).map((slices, life) =>
        slices.map(
          (slice, round) => slice[figure] / (slicesOf(base)[life]?.[round]?.[figure] ?? NaN),
        ),
      ),
    )
  const contenders = lives[0]?.get(kind)?.length ?? 0
  return Array.from({ length: contenders }, (_, place) => {
    const slices = slicesOf(place).flat()
    return {
      calls: slices.reduce((sum, { calls }) => sum + calls, 0),
      p50us: medianOf(slices.map(({ p50 }) => p50)) / 1000,
      ratio: ratio(place, 'p50'),
      meanRatio: ratio(place, 'mean'),
    }
  })
}

/** The other end: answers each order with a slice of calls of its kind, until it is told to close. */
export function serveSlices(
  kinds: Readonly<Record<string, (turn: number) => unknown>>,
  close: () => Promise<void>,
): void {
  let turn = 0
  process.on('message', (message: SliceOrder | 'close') => {
    void (async () => {
      if (message === 'close') {
        await close()
        process.disconnect()
        return
      }
      const run = kinds[message.kind]
      if (run === undefined) throw new Error(`There is no kind ${message.kind}.`)
      process.send?.(await slice(() => run(turn++), message.sliceMs))
    })()
  })
  process.send?.('ready')
}

/**
 * Times every call on its own. No collection of garbage before: a full one makes V8 forget the code that it has optimised for objects of
 * which none lives at that moment, and the slice would measure how it is compiled again.
 */
async function slice(run: () => unknown, sliceMs: number): Promise<SliceResult> {
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
  const total = samples.reduce((sum, sample) => sum + sample, 0)
  samples.sort((a, b) => a - b)
  const calls = samples.length
  return { calls, mean: total / calls, p50: samples[calls >> 1] ?? NaN }
}

/** A builder of Knex is one too, without being a promise. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}

async function start({ program, order }: ProcessContender): Promise<ChildProcess> {
  const child = fork(program, [JSON.stringify(order)])
  await answer(child)
  return child
}

function ask(child: ChildProcess, order: SliceOrder): Promise<SliceResult> {
  child.send(order)
  return answer(child) as Promise<SliceResult>
}

/** The next message; rejects if the process ends instead. */
async function answer(child: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const left = (): void => ended.abort(new Error('A contender ended before it answered.'))
  child.once('exit', left)
  try {
    const [message] = (await once(child, 'message', { signal: ended.signal })) as [unknown]
    return message
  } finally {
    child.off('exit', left)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.send('close')
  await ended
}

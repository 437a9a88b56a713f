import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { estimate, medianOf, shuffle, type Estimate } from './interval.ts'
import { isBenchMessage, type BenchAnswer, type BenchOrder } from './slice-server.ts'
import type { SliceResult } from './slice.ts'

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

/** One life: for each kind the slices of each contender, by round; and what each contender told of itself. */
export interface Life {
  readonly slices: ReadonlyMap<string, readonly (readonly SliceResult[])[]>
  readonly findings: readonly unknown[]
}

/**
 * Measures contenders side by side, each in a process of its own: what one does to its compiler, its heap and its collector is its own.
 * One slice runs at a time. In every round the kinds, and the contenders of each kind, come in a random order; what slows the machine down
 * for a moment meets neighbours, and nobody has his place by habit.
 */
export async function oneLife(
  contenders: readonly ProcessContender[],
  kinds: readonly string[],
  { rounds, sliceMs, warmUpMs }: RoundPlan,
  progress: (text: string) => void = () => undefined,
): Promise<Life> {
  const children: ChildProcess[] = []
  const findings: unknown[] = []
  try {
    for (const { program, order } of contenders) {
      const child = fork(program, [JSON.stringify(order)])
      children.push(child)
      const ready = await answer(child)
      findings.push(ready.bench === 'ready' ? ready.findings : undefined)
    }
    progress('all are open and were examined; warming up')
    for (const kind of kinds) {
      for (const child of children) await ask(child, kind, warmUpMs)
    }
    const slices = new Map(kinds.map((kind) => [kind, children.map((): SliceResult[] => [])]))
    for (let round = 0; round < rounds; round++) {
      if (round % 10 === 0) progress(`round ${round + 1} of ${rounds}`)
      for (const [kind, taken] of shuffle([...slices])) {
        for (const [place, child] of shuffle([...children.entries()])) {
          taken[place]?.push(await ask(child, kind, sliceMs))
        }
      }
    }
    return { slices, findings }
  } finally {
    for (const child of children) await stop(child)
  }
}

/** A contender's share of a comparison. */
export interface Comparison {
  readonly calls: number
  /** Microseconds per call: the median of all slices' medians. */
  readonly p50us: number
  /** Microseconds that 99 of 100 calls stay below: the median of all slices' figures. */
  readonly p99us: number
  /** Time per call over the base's of the same round, by the slices' medians. 1 is the same. */
  readonly ratio: Estimate
  /** The same by the slices' means, which hold collections of garbage and whatever else happens now and then. */
  readonly meanRatio: Estimate
}

/** Compares each contender with the one at `base`, round by round. */
export function compare(lives: readonly Life[], kind: string, base: number): Comparison[] {
  const contenders = lives[0]?.slices.get(kind)?.length ?? 0
  return Array.from({ length: contenders }, (_, place) => {
    const slices = slicesOf(lives, kind, place).flat()
    return {
      calls: slices.reduce((sum, { calls }) => sum + calls, 0),
      p50us: medianOf(slices.map(({ p50 }) => p50)) / 1000,
      p99us: medianOf(slices.map(({ p99 }) => p99)) / 1000,
      ratio: ratioOf(lives, kind, place, base),
      meanRatio: ratioOf(lives, kind, place, base, 'mean'),
    }
  })
}

/** The time per call of one contender over that of another, both in the same round. */
export function ratioOf(
  lives: readonly Life[],
  kind: string,
  place: number,
  base: number,
  figure: 'p50' | 'mean' = 'p50',
): Estimate {
  const bases = slicesOf(lives, kind, base)
  return estimate(
    slicesOf(lives, kind, place).map((slices, life) =>
      slices.map((slice, round) => slice[figure] / (bases[life]?.[round]?.[figure] ?? NaN)),
    ),
  )
}

function slicesOf(
  lives: readonly Life[],
  kind: string,
  place: number,
): readonly (readonly SliceResult[])[] {
  return lives.map(({ slices }) => slices.get(kind)?.[place] ?? [])
}

async function ask(child: ChildProcess, kind: string, sliceMs: number): Promise<SliceResult> {
  const order: BenchOrder = { bench: 'slice', kind, sliceMs }
  child.send(order)
  const answered = await answer(child)
  if (answered.bench !== 'result') throw new Error('A contender answered something else.')
  return answered.result
}

/** The next message; rejects if the process ends instead. */
function answer(child: ChildProcess): Promise<BenchAnswer> {
  return new Promise((resolve, reject) => {
    const heard = (message: unknown): void => {
      child.off('exit', left)
      if (isBenchMessage(message)) resolve(message as BenchAnswer)
      else reject(new Error('A contender sent something strange.'))
    }
    const left = (): void => {
      child.off('message', heard)
      const order = child.spawnargs.at(-1)?.slice(0, 60) ?? ''
      reject(new Error(`A contender ended before it answered. Its order begins with ${order}`))
    }
    if (child.exitCode !== null || child.signalCode !== null) left()
    child.once('message', heard)
    child.once('exit', left)
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  const order: BenchOrder = { bench: 'close' }
  child.send(order)
  await ended
}

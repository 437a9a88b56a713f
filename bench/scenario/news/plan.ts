import { contenders, type Way } from './contenders.ts'

/** How it is measured. */
export interface NewsPlan {
  /** 1 is the site as it was: 41,000 stories. */
  readonly scale: number
  /** Of the data, of the requests and of the gaps between them. */
  readonly seed: number
  /** Before the first slice, as fast as it goes. */
  readonly warmUpRequests: number
  /** In one slice of one contender. */
  readonly requests: number
  /** Slices as fast as it goes, and as many at a fixed rate. */
  readonly rounds: number
  /** Of the slices as fast as it goes. */
  readonly clients: number
  /** The fixed rate, as a share of what the first contender does as fast as it goes. */
  readonly rateShare: number
  /** The fixed rate itself, in requests per second, where it was given. */
  readonly rate: number | undefined
  /** Of entries that nothing invalidates. */
  readonly lifetimeSeconds: number
  readonly ways: readonly Way[]
}

/** Reads `--scale=`, `--seed=`, `--requests=`, `--rounds=`, `--rate=` and `--contenders=` from the program's arguments; what is not a number ends the program. */
export function planFrom(args: readonly string[], quick: boolean): NewsPlan {
  const all = contenders.map(({ way }) => way)
  const named = valueOf(args, 'contenders')?.split(',')
  const unknown = named?.find((name) => !all.some((way) => way === name))
  if (unknown !== undefined) {
    console.error(`There is no contender ${unknown}; there are ${all.join(', ')}.`)
    process.exit(2)
  }
  const requests = numberOf(args, 'requests') ?? (quick ? 400 : 4000)
  return {
    scale: numberOf(args, 'scale') ?? (quick ? 0.01 : 0.1),
    seed: numberOf(args, 'seed') ?? 20_180_312,
    warmUpRequests: 4 * requests,
    requests,
    rounds: numberOf(args, 'rounds') ?? (quick ? 2 : 5),
    clients: 16,
    rateShare: 0.6,
    rate: numberOf(args, 'rate'),
    lifetimeSeconds: 10,
    ways: named === undefined ? all : all.filter((way) => named.includes(way)),
  }
}

function numberOf(args: readonly string[], name: string): number | undefined {
  const given = valueOf(args, name)
  if (given === undefined) return undefined
  const number = Number(given)
  if (number > 0) return number
  console.error(`--${name} wants a number above 0, not ${given}.`)
  process.exit(2)
}

function valueOf(args: readonly string[], name: string): string | undefined {
  const start = `--${name}=`
  return args.find((arg) => arg.startsWith(start))?.slice(start.length)
}

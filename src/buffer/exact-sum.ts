import { integerOf } from './column-change.ts'

/**
 * A database value plus an amount, in the type that the driver gave: numbers as numbers, decimal and bigint text as text,
 * without rounding. `undefined` where the database's own result cannot be foretold.
 */
export function exactSum(value: unknown, by: number | bigint): unknown {
  if (value === null) return null
  if (typeof value === 'string') return addText(value, by)
  if (typeof value === 'bigint') {
    const amount = integerOf(by)
    return amount === undefined ? undefined : value + amount
  }
  if (typeof value !== 'number') return undefined
  const left = integerOf(value)
  const right = integerOf(by)
  if (left !== undefined && right !== undefined) {
    const sum = Number(left + right)
    return Number.isSafeInteger(sum) ? sum : undefined
  }
  return typeof by === 'number' ? value + by : undefined
}

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/

function addText(text: string, by: number | bigint): string | undefined {
  const left = decimal.exec(text)
  const right = decimal.exec(String(by))
  if (left === null || right === null) return undefined
  const scale = left[3]?.length ?? 0
  // The column would round a finer amount.
  if ((right[3]?.length ?? 0) > scale) return undefined
  return spell(scaled(left, scale) + scaled(right, scale), scale)
}

function scaled(match: RegExpExecArray, scale: number): bigint {
  const digits = BigInt(`${match[2] ?? '0'}${(match[3] ?? '').padEnd(scale, '0')}`)
  return match[1] === '-' ? -digits : digits
}

function spell(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0')
  const sign = value < 0n ? '-' : ''
  if (scale === 0) return sign + digits
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

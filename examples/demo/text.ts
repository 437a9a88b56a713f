/** A number as people read it: `135,233`. */
export function whole(number: number): string {
  return Math.round(number).toLocaleString('en')
}

/** A duration: `0.42 ms`. */
export function milliseconds(ms: number): string {
  return `${ms.toFixed(2)} ms`
}

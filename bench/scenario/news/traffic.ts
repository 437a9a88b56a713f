import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'

/** Sends one request and resolves when it is answered. */
export type Send = () => Promise<unknown>

/** So many clients, each of which asks again as soon as it is answered. Returns the milliseconds that each request took. */
export async function closedLoop(send: Send, clients: number, requests: number): Promise<number[]> {
  const latencies: number[] = []
  let left = requests
  const client = async (): Promise<void> => {
    while (left-- > 0) await answered(send, performance.now(), latencies)
  }
  await Promise.all(Array.from({ length: clients }, client))
  return latencies
}

/**
 * Requests come when they come, with exponential gaps, however many wait already. Returns the milliseconds from each request's arrival to
 * its answer, so that waiting counts, also for a process that is too busy to let it in.
 */
export async function openLoop(
  send: Send,
  { rate, requests, random }: { rate: number; requests: number; random: () => number },
): Promise<number[]> {
  const latencies: number[] = []
  const pending: Promise<void>[] = []
  let arrival = performance.now()
  for (let number = 0; number < requests; number++) {
    arrival += (-Math.log(1 - random()) / rate) * 1000
    await until(arrival)
    pending.push(answered(send, arrival, latencies))
  }
  await Promise.all(pending)
  return latencies
}

async function answered(send: Send, arrival: number, latencies: number[]): Promise<void> {
  await send()
  latencies.push(performance.now() - arrival)
}

/** Timers come a millisecond late; the rest of the way goes turn by turn. */
async function until(moment: number): Promise<void> {
  for (;;) {
    const left = moment - performance.now()
    if (left <= 0) return
    await (left > 2 ? pause(left - 1.5) : turn())
  }
}

/** The latency that this part of the requests (0.99: all but one of a hundred) stayed below. */
export function percentile(latencies: readonly number[], part: number): number {
  const sorted = [...latencies].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}

import type { Awaitable } from '../../base/awaitable.ts'

/** Goes on with a value at once where it is there, so that an answer leaves in the turn of its question. */
export function chain<T, R>(value: Awaitable<T>, next: (value: T) => R): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}

/** A value that is there now, or a promise of it: lets an in-process store answer without a promise. */
export type Awaitable<T> = T | Promise<T>

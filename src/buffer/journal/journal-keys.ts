import type { RootDatabase } from 'lmdb'

/** A key of the journal's file. */
export type JournalKey = readonly (string | number)[]

/** The journal's file: framed values by key. A value's version is 0, but for the owner's, whose version is the owner's token. */
export type JournalFile = RootDatabase<Buffer, JournalKey & (string | number)[]>

/** Key types of lmdb are mutable arrays. */
type Key = (string | number)[]

/** Who the journal is: its source id. */
export const headerKey: Key = ['header']
/** Which process may write. */
export const ownerKey: Key = ['owner']

export function laneKey(lane: string): Key {
  return ['lane', lane]
}

export function turnKey(lane: string, last: number): Key {
  return ['turn', lane, last]
}

/** Names of the lanes that have a record. */
export function laneNames(file: JournalFile): string[] {
  // Every name sorts before bytes.
  const end = ['lane', Buffer.of(255)] as unknown as Key
  return [...file.getKeys({ start: ['lane'], end })].map((key) => String(key[1]))
}

/** Last numbers of the turns kept for a lane, above `after` and up to `upTo`, in order. */
export function turnNumbers(
  file: JournalFile,
  lane: string,
  after: number,
  upTo: number = Number.MAX_SAFE_INTEGER - 1,
): number[] {
  const range = { start: turnKey(lane, after + 1), end: turnKey(lane, upTo + 1) }
  return [...file.getKeys(range)].map((key) => Number(key[2]))
}

/** What a contender is started with. */
export interface EntriesOrder {
  readonly way: 'millrace' | 'map'
  readonly entries: number
}

/** Which of the entries are asked for. */
export const entryKinds = [
  { name: 'some', title: '500 of the entries in turn' },
  { name: 'all', title: 'all entries in turn, neighbours far from each other' },
] as const

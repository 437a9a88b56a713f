/**
 * The words of a shape: what a builder says, apart from names and values. Words are numbers and names are strings, and a node
 * keeps them apart, so no name can imitate a word. Each walk writes a text that can be read back word by word, whatever follows
 * it: lists and clauses end with `end`, or begin with their length.
 *
 * The words of conditions leave three bits for their flags.
 */
export const word = {
  /** Ends whatever has no fixed length. */
  end: 1,
  /** Stands where nothing was given. */
  absent: 2,
  yes: 3,
  no: 4,

  // What stands where a name or a value can stand.
  value: 8,
  /** A list or an object as one value: MySQL refuses some of them. */
  object: 7,
  number: 9,
  raw: 10,
  ref: 11,
  subquery: 12,
  column: 19,
  callback: 13,
  aliases: 14,
  list: 15,
  /** So many values of a list stand side by side. */
  run: 16,
  rows: 18,

  // Bindings of a raw statement.
  unbound: 20,
  positional: 21,
  named: 22,

  // A whole statement and its parts.
  rawStatement: 30,
  select: 31,
  first: 32,
  pluck: 33,
  with: 34,
  comment: 35,
  hints: 36,
  columns: 37,
  distinct: 38,
  distinctOn: 39,
  pluckColumn: 40,
  aggregate: 41,
  aggregateDistinct: 42,
  aggregateRaw: 43,
  aggregateRawDistinct: 44,
  table: 45,
  only: 46,
  as: 48,
  join: 49,
  joinRaw: 50,
  union: 51,
  unionWrapped: 52,
  group: 53,
  groupRaw: 54,
  order: 55,
  orderRaw: 56,
  limit: 57,
  limitInText: 58,
  offset: 59,
  offsetInText: 60,
  options: 61,
  timeout: 62,
  cancelOnTimeout: 63,

  json: 68,
  analytic: 69,

  // Where a list of conditions begins.
  where: 64,
  having: 65,

  // Conditions, with room for their flags.
  basic: 128,
  in: 136,
  isNull: 144,
  between: 152,
  like: 160,
  ilike: 168,
  conditionRaw: 176,
  wrapped: 184,
  exists: 192,
  jsonObject: 200,
  jsonPath: 208,
  jsonSuperset: 216,
  jsonSubset: 224,
  onValue: 232,
  using: 240,
  onJsonPath: 248,
} as const

/** What is added to the word of a condition. */
export const flag = { or: 1, not: 2 } as const

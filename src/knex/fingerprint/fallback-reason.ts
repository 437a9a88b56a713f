/** Why a builder has no fingerprint: its statement has to be compiled to know what it says. */
export type FallbackReason =
  /** None: the last builder has one. */
  | 'none'
  /** A function of the builder's asked for a fingerprint while one was being taken. */
  | 'busy'
  /** Made by another Knex instance, or by a class of its own, so another compiler may read it. */
  | 'foreign-builder'
  /** A client, or a method of it that compiles, that is not Knex's own, or of a dialect that Millrace does not know. */
  | 'custom-client'
  /** The instance has a `wrapIdentifier`, and a name could be given to it in other pieces than it was here. */
  | 'custom-names'
  /** Has a `toSQL` of its own, or is a raw statement of another class. */
  | 'custom-sql'
  /** Does not select: writes, `columnInfo`. */
  | 'not-a-query'
  /** Says something once for the whole statement that is not known here, such as a lock. */
  | 'unknown-setting'
  /** Has a clause that is not known here. */
  | 'unknown-clause'
  /** Has a name, a value or a part of a clause that is not known here. */
  | 'unknown-value'
  /** Has `undefined` for a value, which Knex refuses or sends as a default. */
  | 'undefined-value'
  /** A raw statement whose placeholders do not fit its bindings, or that is empty. */
  | 'unfit-raw'
  /** A function of the builder's threw; compiling it will throw the same. */
  | 'callback-error'
  /** The values are longer than the bound. */
  | 'too-long'
  /** The tree of shapes met its bound, and begins anew for the next builder. */
  | 'full'
  /** Builders within builders, deeper than anybody writes; or a builder within itself. */
  | 'too-deep'
  /** The walk itself met an error, such as from a getter. */
  | 'walk-error'

/** A run of accepted writes of one event-loop turn, as bytes. */
export interface JournalTurn {
  /** Sequence number of the first write in the turn; the lane's numbers are contiguous. */
  readonly first: number
  /** Sequence number of the last write in the turn. */
  readonly last: number
  readonly bytes: Uint8Array
}

/** Durable record of accepted writes, one per process group, with a random source id of its own. */
export interface Journal {
  /** Identifies this journal for ever, in every ledger. */
  readonly source: string
  /** Writes a turn of a lane. Resolves when it is synced to disk. */
  append(lane: string, turn: JournalTurn): Promise<void>
  /** The turns of a lane that are still kept, oldest first. */
  read(lane: string): Iterable<JournalTurn>
  /** Lanes that hold turns or a checkpoint. */
  lanes(): readonly string[]
  /** The position up to which a lane was trimmed. */
  checkpoint(lane: string): number
  /** Drops turns that end at or before `position`: they are applied. */
  trim(lane: string, position: number): Promise<void>
  close(): Promise<void>
}

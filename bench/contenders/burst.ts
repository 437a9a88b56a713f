import type { OpenContender } from './contender.ts'
import type { Post } from './posts.ts'

/** What readers saw while a row was written to. Plain JSON. */
export interface BurstFindings {
  readonly reads: number
  /** Reads that answered with less than what had been acknowledged when they were begun. */
  readonly stale: number
}

/** How the row is read and written to. */
export interface BurstSetting {
  readonly contender: OpenContender
  readonly id: number
  read(): PromiseLike<readonly Post[]>
}

/** How a race is run. */
export const race = { bursts: 20, writesPerBurst: 5, readers: 8 } as const

const prefix = 'version '

/**
 * Readers ask for a row over and over while it gets bursts of writes, each with the invalidation that the documentation asks for, if any.
 * A write counts as acknowledged when both are done. In each burst the readers begin with a miss.
 */
export async function burst(setting: BurstSetting): Promise<BurstFindings> {
  let acknowledged = 0
  let reads = 0
  let stale = 0
  let writing = true
  const readOnce = async (): Promise<void> => {
    const least = acknowledged
    const title = String((await setting.read())[0]?.['title'])
    reads += 1
    if (Number(title.slice(prefix.length)) < least) stale += 1
  }
  const reader = async (): Promise<void> => {
    while (writing) {
      await readOnce()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const write = async (): Promise<void> => {
    await acknowledgedWrite(setting, `${prefix}${acknowledged + 1}`)
    acknowledged += 1
  }
  await write()
  for (let turn = 0; turn < race.bursts; turn++) {
    writing = true
    const reading = Array.from({ length: race.readers }, reader)
    for (let i = 0; i < race.writesPerBurst; i++) await write()
    writing = false
    await Promise.all(reading)
    // What is stale now, when all is quiet, stays so until its lifetime ends.
    await readOnce()
  }
  return { reads, stale }
}

/** A write as the documentation has it, with what it asks to be called after it. */
export async function acknowledgedWrite(
  { contender, id }: Pick<BurstSetting, 'contender' | 'id'>,
  title: string,
): Promise<void> {
  await contender.retitle(id, title)
  await contender.forget?.(id)
}

import type { Slot } from '../../../src/contract/authority.ts'
import { EVERYTHING_SLOT, TagSpace } from '../../../src/coherence/tag-space.ts'
import { engineless } from './effect.ts'

/** The database, as tags name it. */
export const namespace = 'db'

const tables = ['t', 'u', 'o', engineless]
const values = { id: [1, 2, 3], tenant: [10, 20, 30] }

/** How many slots: few, as they are made anew for each history, but so many that no two tags of the scenarios share one. */
export const slotCount: number = fewestSlots()

/** The slots of the model's database. */
export const tags: TagSpace = new TagSpace(namespace, slotCount)

function fewestSlots(): number {
  for (let count = 128; count < 2 ** 16; count++) {
    const slots = slotsOf(new TagSpace(namespace, count))
    if (new Set(slots).size === slots.length) return count
  }
  throw new Error('Tags of the scenarios share slots, however many there are.')
}

function slotsOf(space: TagSpace): Slot[] {
  const slots = [EVERYTHING_SLOT, space.everything, space.any, space.schema]
  for (const name of tables) {
    const table = space.table(name)
    slots.push(table.whole, table.unknownRows)
    for (const [column, forms] of Object.entries(values)) {
      const { unknown, none, value } = table.column(column)
      slots.push(unknown, none, ...forms.map((form) => value(String(form))))
    }
  }
  return slots
}

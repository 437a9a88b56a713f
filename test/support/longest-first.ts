import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Directories and beginnings of names whose files take long, the longest first. */
const longest = [
  'test/integration/matrix/',
  'test/integration/bursts/',
  'test/model/',
  'test/crash/',
  'test/stores/model',
  'test/sql/predicates/uses-oracle',
  'test/integration/cluster',
] as const

/**
 * Starts the files that take longest first, so that no worker begins one when the others have
 * nothing left to do. Vitest itself knows how long a file takes only where it has run before.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((start) => moduleId.includes(`/${start}`))
      return found === -1 ? longest.length : found
    }
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}

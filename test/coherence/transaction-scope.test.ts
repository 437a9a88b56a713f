import { describe, expect, test } from 'vitest'
import { Touched } from '../../src/coherence/touched.ts'
import { TransactionScope } from '../../src/coherence/transaction-scope.ts'

const touched = (...tables: string[]): Touched => new Touched().addTables(new Set(tables))
const tablesOf = (value: Touched): unknown =>
  value.tables === 'everything' ? 'everything' : [...value.tables].sort()

describe('TransactionScope', () => {
  test('commits what every savepoint that was not rolled back touched', () => {
    const scope = new TransactionScope()
    scope.begin()
    scope.touch(touched('a'))
    scope.savepoint('s1')
    scope.touch(touched('b'))
    scope.savepoint('s2')
    scope.touch(touched('c'))
    expect(tablesOf(scope.rollbackTo('s2'))).toEqual(['c'])
    expect(tablesOf(scope.release('s1'))).toEqual([])
    expect(tablesOf(scope.end())).toEqual(['a', 'b'])
    expect(scope.isOpen).toBe(false)
  })

  test('rolling back to a savepoint forgets the savepoints inside it and keeps itself', () => {
    const scope = new TransactionScope()
    scope.begin()
    scope.savepoint('s1')
    scope.touch(touched('a'))
    scope.savepoint('s2')
    scope.touch(touched('b'))
    expect(tablesOf(scope.rollbackTo('s1'))).toEqual(['a', 'b'])
    scope.touch(touched('c'))
    expect(tablesOf(scope.release('s1'))).toEqual([])
    expect(tablesOf(scope.end())).toEqual(['c'])
  })

  test('releasing the savepoint that opened the transaction commits', () => {
    const scope = new TransactionScope()
    scope.savepoint('outer')
    scope.savepoint('inner')
    scope.touch(touched('a'))
    expect(scope.isOutermost('inner')).toBe(false)
    expect(tablesOf(scope.release('inner'))).toEqual([])
    expect(scope.isOutermost('outer')).toBe(true)
    expect(tablesOf(scope.release('outer'))).toEqual(['a'])
    expect(scope.isOpen).toBe(false)
  })

  test('a reused savepoint name means the newest', () => {
    const scope = new TransactionScope()
    scope.begin()
    scope.savepoint('s')
    scope.touch(touched('a'))
    scope.savepoint('s')
    scope.touch(touched('b'))
    expect(tablesOf(scope.rollbackTo('s'))).toEqual(['b'])
    expect(tablesOf(scope.end())).toEqual(['a'])
  })

  test('unknown tables swallow known ones', () => {
    const scope = new TransactionScope()
    scope.begin()
    scope.touch(touched('a'))
    scope.touch(new Touched().addTables('everything'))
    expect(tablesOf(scope.end())).toBe('everything')
  })
})

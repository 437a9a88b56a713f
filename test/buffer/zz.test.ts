import { test } from 'vitest'
import { openBench } from './bench.fixture.ts'
test('dbg', async () => {
  const bench = await openBench('sqlite')
  await bench.table({
    name: 'items',
    columns: {
      id: { type: 'int' },
      slug: { type: 'text' },
      n: { type: 'int', default: '0' },
      price: { type: 'decimal' },
      big: { type: 'bigint' },
    },
    unique: [['slug']],
  })
  await bench
    .knex('items')
    .insert({ id: 1, slug: 'one', n: 5, price: '1.10', big: '9007199254740000' })
  const buffer = bench.open()
  const front = bench.front(buffer, 'items')
  await front.where(1).increment('n', 2)
  console.log(await front.where(1).get('n'), (await buffer.stats()).pending)
  await front.where({ slug: 'one' }).increment('n', 2)
  console.log(await front.where(1).get('n'), (await buffer.stats()).pending)
  console.log(await front.where({ slug: 'one' }).get('n'), (await buffer.stats()).pending)
  await front.where(1).increment('price', 0.2)
  console.log(await front.where(1).get('price'), (await buffer.stats()).pending)
  await front.where(1).increment('big', 1n)
  console.log(await front.where(1).get('big'), (await buffer.stats()).pending)
})

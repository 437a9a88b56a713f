import { openJournal } from '../../../src/buffer/journal/open-journal.ts'

/** Appends to the journal in argv[2] until it is refused, tries some more, makes space, and appends once more. */
process.on('SIGXFSZ', () => undefined)
const [, , directory = ''] = process.argv
const journal = await openJournal({ directory })
const bytes = Buffer.alloc(20_000, 7)
let acknowledged = 0
const codes: string[] = []
while (codes.length < 3) {
  const next = acknowledged + 1
  // Two at once: the second must not outlive the first.
  const both = await Promise.allSettled([
    journal.append('default', { first: next, last: next, bytes }),
    journal.append('default', { first: next + 1, last: next + 1, bytes }),
  ])
  for (const one of both) {
    if (one.status === 'fulfilled') acknowledged++
    else codes.push((one.reason as { code: string }).code)
  }
}
await journal.trim('default', acknowledged)
const next = acknowledged + 1
let after = 'refused'
// What a commit frees can be used from the second commit after it.
for (let attempt = 0; attempt < 5 && after !== 'written'; attempt++) {
  after = await journal
    .append('default', { first: next, last: next, bytes })
    .then(() => 'written', String)
  await journal.trim('default', acknowledged).catch(() => undefined)
}
await journal.close()
process.stdout.write(JSON.stringify({ acknowledged, codes, after }))

import { openJournal } from '../../../src/buffer/journal/open-journal.ts'

/** Opens the journal in argv[2], appends `argv[3]` turns of one write each, says so, and holds the journal until it is killed. */
const [, , directory = '', turns = '0'] = process.argv
try {
  const journal = await openJournal({ directory })
  for (let n = 1; n <= Number(turns); n++) {
    await journal.append('default', { first: n, last: n, bytes: Buffer.from(`turn ${String(n)}`) })
    process.send?.({ acknowledged: n })
  }
  process.send?.({ open: true })
  process.on('message', () => {
    void journal.close().then(() => process.exit(0))
  })
} catch (error) {
  process.send?.({ code: (error as { code?: string }).code, message: String(error) })
  process.disconnect()
}

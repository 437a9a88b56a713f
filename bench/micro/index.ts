import { benchmarkHits } from './hit.ts'
import type { RoundOptions } from './paired-rounds.ts'
import { printResults, saveResults } from './report.ts'

// npm run bench -- [--quick] [--save]
const args = new Set(process.argv.slice(2))
const options: RoundOptions = args.has('--quick')
  ? { rounds: 5, sliceMs: 50, warmUpMs: 200 }
  : { rounds: 30, sliceMs: 100, warmUpMs: 1000 }
const results = await benchmarkHits(options)
printResults(results)
if (args.has('--save')) {
  console.log(`\nSaved as ${await saveResults('hit', results, options)}`)
}

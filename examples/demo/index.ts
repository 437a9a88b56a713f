// Millrace at work on the 135,233 cities of the world: `npm run demo`.
//
// One program, two roles. The primary (primary.ts) tells the story: it loads the cities, starts
// workers, gives them three rounds of traffic and checks what they report. The workers (worker.ts)
// read and write as a web server would. MILLRACE_DEMO_SECONDS sets the length of a round.
import cluster from 'node:cluster'
import { runPrimary } from './primary.ts'
import { runWorker } from './worker.ts'

if (cluster.isPrimary) await runPrimary()
else runWorker()

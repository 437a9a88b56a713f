// Runs every check, also after one failed, and ends with a summary. Each is an npm script of its
// own: `npm run check:lint`. Writes the counts to .build/check.json for .ci/run.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const checks = ['format', 'lint', 'layers', 'types', 'dead', 'package', 'api']

const results = checks.map((check) => {
  console.log(`\n--- check:${check}`)
  const begun = performance.now()
  const { status } = spawnSync('npm', ['run', '--silent', `check:${check}`], {
    cwd: root,
    stdio: 'inherit',
  })
  return { check, passed: status === 0, seconds: (performance.now() - begun) / 1000 }
})

console.log('\n--- summary')
for (const { check, passed, seconds } of results) {
  console.log(`${passed ? 'passed' : 'FAILED'}  check:${check}  (${seconds.toFixed(1)} s)`)
}
const failed = results.filter((result) => !result.passed).length
mkdirSync(`${root}.build`, { recursive: true })
writeFileSync(
  `${root}.build/check.json`,
  JSON.stringify({ passed: results.length - failed, failed }) + '\n',
)
process.exitCode = failed === 0 ? 0 : 1

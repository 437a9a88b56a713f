// Compiles what changed and runs one program of this repository in this process:
//   node scripts/run.js bench/micro [arguments]      (a directory means its index.ts or main.ts; `.ts` may be left out)
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { compile } from './compile.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const [name = '', ...args] = process.argv.slice(2)
const source = [name, `${name}.ts`, join(name, 'index.ts'), join(name, 'main.ts')].find(
  (file) => file.endsWith('.ts') && existsSync(join(root, file)),
)
if (source === undefined) {
  console.error(`There is no program ${name || '(none was named)'}.`)
  process.exit(2)
}
await compile()
const program = join(root, '.build', source.replace(/\.ts$/, '.js'))
// The program sees itself as the main one; node:cluster forks argv[1] for its workers.
process.argv = [process.execPath, program, ...args]
await import(pathToFileURL(program).href)

// Strips the types of src/, test/, bench/ and examples/ into .build/, for programs that Node itself
// runs: children that tests fork, benchmarks, examples. Only files that changed are compiled, each
// written under another name and renamed, so that runs in parallel never read half a file. It does
// not check types (`npm run check:types` does).
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const out = join(root, '.build')
const trees = ['src', 'test', 'bench', 'examples']

/** Bring .build/ up to date. @returns {Promise<number>} how many files were written */
export async function compile() {
  /** @type {Set<string>} */
  const expected = new Set()
  let written = 0
  for (const tree of trees) {
    for (const file of await filesIn(tree)) {
      const target = outputOf(file)
      if (target === undefined) continue
      expected.add(target)
      if (await isFresh(join(root, file), join(out, target))) continue
      await emit(file, target)
      written++
    }
  }
  // A source that was deleted or renamed must not live on in its compiled form.
  for (const tree of trees) {
    for (const file of await filesIn(join('.build', tree))) {
      const target = file.slice('.build/'.length)
      if (!expected.has(target) && !target.includes('.partial-')) {
        await rm(join(out, target), { force: true })
      }
    }
  }
  return written
}

/**
 * @param {string} tree
 * @returns {Promise<string[]>} paths from the root
 */
async function filesIn(tree) {
  try {
    const entries = await readdir(join(root, tree), { withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => join(tree, name))
    for (const entry of entries) {
      // Installed packages (bench/ may have some) are used where they are.
      if (!entry.isDirectory() || entry.name === 'node_modules') continue
      files.push(...(await filesIn(join(tree, entry.name))))
    }
    return files
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/**
 * @param {string} file
 * @returns {string | undefined} path in .build/, or nothing for files that no program needs
 */
function outputOf(file) {
  if (file.endsWith('.d.ts') || file.endsWith('.test.ts') || file.endsWith('.test-d.ts')) return
  if (file.endsWith('.ts')) return file.replace(/\.ts$/, '.js')
  return /\.(js|json|sql|html)$/.test(file) ? file : undefined
}

/**
 * @param {string} source
 * @param {string} target
 */
async function isFresh(source, target) {
  try {
    const [from, to] = await Promise.all([stat(source), stat(target)])
    return to.mtimeMs >= from.mtimeMs
  } catch {
    return false
  }
}

/** @type {Promise<typeof import('typescript')> | undefined} */
let typescript

/**
 * @param {string} file
 * @param {string} target
 */
async function emit(file, target) {
  const path = join(out, target)
  const partial = `${path}.partial-${String(process.pid)}`
  await mkdir(dirname(path), { recursive: true })
  if (file.endsWith('.ts')) {
    // Loaded late: most runs have nothing to compile, and the compiler takes half a second to load.
    typescript ??= import('typescript').then((module) => module.default)
    const ts = await typescript
    const { outputText } = ts.transpileModule(await readFile(join(root, file), 'utf8'), {
      fileName: join(root, file),
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
        inlineSourceMap: true,
        inlineSources: true,
      },
    })
    await writeFile(partial, outputText)
  } else {
    await copyFile(join(root, file), partial)
  }
  await rename(partial, path)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const written = await compile()
  console.log(`.build/ is up to date (${String(written)} files compiled)`)
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestProject } from 'vitest/node'
import { compile } from '../../scripts/compile.js'
import { fixturePath } from './fixture.ts'
import { isLeftover, newRunName } from './run.ts'
import { probeServices, serviceNames, type Services, servicesRequired } from './services.ts'
import { sweep } from './sweep.ts'

/**
 * Before the first test: compile what child processes run, ask which servers are there, and remove
 * what dead runs left. After the last: remove what this run left, whatever happened to its tests,
 * and say which servers were missing.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await compile()
  const run = newRunName()
  const services = await probeServices()
  project.provide('millraceRun', run)
  project.provide('millraceServices', services)
  const servers = (['postgres', 'mysql'] as const).filter((s) => services[s].missing === undefined)
  await sweep(servers, isLeftover)
  const dismissJanitor = startJanitor(run, servers)
  return async () => {
    await dismissJanitor()
    reportMissing(services)
  }
}

/** See `janitor.ts`. The answer lets it do its work, and waits for that. */
function startJanitor(run: string, servers: readonly string[]): () => Promise<void> {
  const janitor = spawn(process.execPath, [fixturePath('support/janitor.ts'), run, ...servers], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  })
  janitor.unref()
  return async () => {
    janitor.ref()
    const ended = once(janitor, 'exit')
    janitor.stdin.end()
    await ended
  }
}

function reportMissing(services: Services): void {
  const missing = serviceNames.map((name) => services[name]).filter((s) => s.missing !== undefined)
  if (missing.length === 0) return
  const line = '!'.repeat(78)
  console.error(`\n${line}`)
  for (const { name, url, missing: why = '', variable } of missing) {
    const outcome = servicesRequired() ? 'its tests FAILED' : 'its tests were SKIPPED'
    console.error(`  NO ${name.toUpperCase()} at ${url}: ${outcome}.`)
    console.error(`    ${why}. Set ${variable} to point elsewhere.`)
  }
  console.error(`${line}\n`)
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestProject } from 'vitest/node'
import { compile } from '../../scripts/compile.js'
import { fixturePath } from './fixture.ts'
import { isLeftover, newRunName } from './run.ts'
import { serviceNotice } from './service-notice.ts'
import { probeServices } from './services.ts'
import { startStandIns } from './stand-ins.ts'
import { sweep } from './sweep.ts'

/**
 * Before the first test: compile what child processes run, ask which servers are there, start those
 * that are not where they are usually, and remove what dead runs left. After the last: remove what
 * this run left, whatever happened to its tests, and say which servers were not in their place.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await compile()
  const run = newRunName()
  const found = await probeServices()
  const shared = (['postgres', 'mysql'] as const).filter((s) => found[s].missing === undefined)
  // First of all: it also removes what is left of a run that is killed while servers start.
  const dismissJanitor = startJanitor(run, shared)
  const { services, standIns, env } = await startStandIns(run, found)
  // Workers and what they fork inherit it.
  Object.assign(process.env, env)
  project.provide('millraceRun', run)
  project.provide('millraceServices', services)
  await sweep(shared, isLeftover)
  return async () => {
    const afterwards = await probeServices()
    try {
      await Promise.all(standIns.map(({ server }) => server.stop().catch(() => server.kill())))
    } finally {
      await dismissJanitor()
      const replaced = standIns.map(({ missed }) => missed)
      const notice = serviceNotice({ services, replaced, afterwards })
      if (notice !== undefined) console.error(notice)
    }
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

import { type Service, serviceNames, type Services, servicesRequired } from './services.ts'

/** What a run found out about its services, from before the first test until after the last. */
export interface ServiceHistory {
  /** Those that the tests were given. */
  readonly services: Services
  /** Those in whose place the run started servers of its own. */
  readonly replaced: readonly Service[]
  /** The same services after the last test. */
  readonly afterwards: Services
}

/** What has to be said at the end of a run, loudly; nothing if every service was in its place until the end. */
export function serviceNotice(history: ServiceHistory): string | undefined {
  const lines = serviceNames.flatMap((name) => [
    ...missingLines(history.services[name]),
    ...replacedLines(history.replaced.find((service) => service.name === name)),
    ...lostLines(history.services[name], history.afterwards[name]),
  ])
  if (lines.length === 0) return undefined
  const frame = '!'.repeat(78)
  return ['', frame, ...lines.map((line) => `  ${line}`), frame, ''].join('\n')
}

function missingLines({ name, url, missing, variable }: Service): string[] {
  if (missing === undefined) return []
  const outcome = servicesRequired() ? 'its tests FAILED' : 'its tests were SKIPPED'
  return [
    `NO ${name.toUpperCase()} at ${url}: ${outcome}.`,
    `  ${missing}. Set ${variable} to point elsewhere.`,
  ]
}

function replacedLines(missed: Service | undefined): string[] {
  if (missed === undefined) return []
  const { name, url, missing = '', variable } = missed
  return [
    `${name.toUpperCase()} did not answer at ${url}: this run used one of its own.`,
    `  ${missing}. Set ${variable} to point elsewhere.`,
  ]
}

function lostLines(before: Service, after: Service): string[] {
  if (before.missing !== undefined || after.missing === undefined) return []
  return [
    `${before.name.toUpperCase()} at ${after.url} DIED during this run: tests may have failed for that alone.`,
    `  It answered before the first test, and not after the last: ${after.missing}.`,
  ]
}

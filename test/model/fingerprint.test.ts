import { expect, test } from 'vitest'
import { Fingerprinter } from '../../src/knex/fingerprint/fingerprinter.ts'
import { seeded } from '../support/seed.ts'
import { Campaign, clients, summaryOf } from './fingerprint/campaign.ts'
import { faults, FaultySubject } from './fingerprint/faults.ts'

const isLong = process.env['MILLRACE_LONG'] === '1'
/** Together 60,000, or a million. */
const builders = isLong ? 334_000 : 20_000

/** So many nodes that no shape is forgotten in a campaign. */
const bounds = { maxNodes: 20_000_000, maxNameLength: 2 ** 30 }

test.each(clients)(
  'builders with the same fingerprint compile to the same: %s',
  (client) => {
    const campaign = new Campaign(
      client,
      new Fingerprinter(bounds),
      seeded(`fingerprint ${client}`),
    )
    campaign.run(builders)
    const { findings } = campaign
    console.log(`${client}: ${summaryOf(findings)}`)
    expect(findings.wrong).toEqual([])
    expect(findings.taken / findings.compiled).toBeGreaterThan(0.5)
    expect(findings.sameBindings / findings.taken).toBeGreaterThan(0.9)
  },
  isLong ? 1_800_000 : 120_000,
)

test('names are compared as the instance spells them now', () => {
  const subject = new Fingerprinter(bounds)
  const campaign = new Campaign('pg', subject, seeded('fingerprint with spelled names'), true)
  campaign.run(isLong ? 100_000 : 8000)
  const { findings } = campaign
  console.log(`spelled names: ${summaryOf(findings)}`)
  expect(findings.wrong).toEqual([])
  expect(findings.taken / findings.compiled).toBeGreaterThan(0.5)
})

/** Found in the first hundreds of builders, most of them; the rarest parts of queries take longer. */
const enough = 60_000

test.each(Object.entries(faults))('a fault is found: %s', (name, fault) => {
  const seed = seeded(`fingerprint with a fault, ${name}`)
  const campaign = new Campaign('pg', new FaultySubject(fault), seed)
  const { findings } = campaign
  while (findings.wrong.length === 0 && findings.builders < enough) campaign.run(400)
  console.log(`${name}: found after ${String(findings.builders)} builders`)
  expect(findings.wrong).not.toEqual([])
})

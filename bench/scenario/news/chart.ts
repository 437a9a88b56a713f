import { linearScale } from '../../chart/scale.ts'
import { drawing, fixed, ink, stroke, widthOf, words } from '../../chart/svg.ts'
import type { NewsPlan } from './plan.ts'
import type { ContenderResult, DatabaseResult } from './report.ts'

/** One figure of all contenders; each database has a panel of it. */
interface Figure {
  readonly title: string
  readonly better: string
  /** Where its axis ends. Default: above the largest. */
  readonly end?: number
  value(result: ContenderResult): number | undefined
  format(value: number): string
}

const figures: readonly Figure[] = [
  {
    title: 'Requests/s, as fast as it goes',
    better: 'more is better',
    value: ({ throughput }) => throughput.median,
    format: (value) => value.toFixed(0),
  },
  {
    title: 'p99 at a fixed rate, ms',
    better: 'less is better',
    value: ({ p99 }) => p99,
    format: (value) => value.toFixed(value < 10 ? 1 : 0),
  },
  {
    title: 'Hits, % of cached reads',
    better: 'more is better',
    end: 100,
    value: ({ hitRatio }) => (hitRatio === undefined ? undefined : hitRatio * 100),
    format: (value) => `${value.toFixed(1)} %`,
  },
  {
    title: 'Stale answers in 10,000',
    better: 'none is right',
    value: ({ stale, answers }) => (stale / answers) * 10_000,
    format: (value) => (value === 0 ? '0' : value.toFixed(value < 10 ? 1 : 0)),
  },
]

/** What is compared, what it is compared with, and Millrace. */
const colours = { base: '#7f7f7f', other: '#d55e00', millrace: '#0072b2' } as const
const row = 22
const plotWidth = 130
/** Figures stand behind their bars. */
const panelWidth = plotWidth + 62

/** Draws what each contender did as SVG: a row of panels for each database, a bar for each contender. */
export function drawNewsChart(results: readonly DatabaseResult[], plan: NewsPlan): string {
  const title = 'A news site, the same requests for all'
  const labels = results.flatMap(({ database, contenders }) => [
    `${database}  `,
    ...contenders.map((one) => one.title),
  ])
  const left = 28 + Math.max(0, ...labels.map((label) => widthOf(label)))
  const parts = [words(12, 28, title, { 'font-size': 17, 'font-weight': 600 })]
  let y = 56
  for (const { database, rate, contenders } of results) {
    parts.push(
      words(12, y, database, { 'font-weight': 600 }),
      ...contenders.map((one, place) =>
        words(left - 10, y + 34 + place * row, one.title, { 'text-anchor': 'end' }),
      ),
    )
    for (const [place, figure] of figures.entries()) {
      parts.push(...drawPanel(figure, contenders, left + place * panelWidth, y))
    }
    y += 40 + contenders.length * row
    const fixedRate = `The fixed rate is ${rate.toFixed(0)} requests/s.`
    parts.push(words(left, y, fixedRate, { 'font-size': 12, fill: ink.faint }))
    y += 40
  }
  const notes = [
    `Stale: an answer shows less than had been acknowledged before its query began. Entries of "lifetime only" and TypeORM live for ${plan.lifetimeSeconds} s.`,
    `Scale ${plan.scale} of the site, ${plan.rounds} rounds of ${plan.requests.toLocaleString('en')} requests in each phase, ${plan.clients} clients; each contender has a process and a database of its own.`,
  ]
  for (const note of notes) {
    parts.push(words(12, y, note, { 'font-size': 12, fill: ink.faint }))
    y += 17
  }
  const width = Math.max(
    left + figures.length * panelWidth,
    24 + Math.max(...notes.map((note) => widthOf(note, 12))),
  )
  const description = `${title}. ${results.map(told).join(' ')}`
  return drawing({ width: Math.ceil(width), height: y, title, description, parts })
}

function drawPanel(
  { title, better, end, value, format }: Figure,
  contenders: readonly ContenderResult[],
  left: number,
  top: number,
): string[] {
  const scale = linearScale(
    contenders.map((one) => value(one) ?? 0),
    end,
  )
  const first = top + 19
  const parts = [
    words(left, top, title, { 'font-size': 12 }),
    words(left, top + 14, better, { 'font-size': 11, fill: ink.faint }),
    stroke([left, first], [left, first + contenders.length * row], ink.text),
  ]
  for (const [place, one] of contenders.entries()) {
    const known = value(one)
    const middle = first + place * row + row / 2
    const share = known === undefined || known === 0 ? 0 : scale.at(known)
    const length = share * plotWidth
    parts.push(
      `<rect x="${fixed(left)}" y="${fixed(middle - 7)}" width="${fixed(length)}" height="14" fill="${colourOf(one, place)}"/>`,
      words(left + length + 5, middle + 4, known === undefined ? '-' : format(known), {
        'font-size': 12,
      }),
    )
  }
  return parts
}

function colourOf({ way }: ContenderResult, place: number): string {
  if (way === 'millrace' || way === 'buffered') return colours.millrace
  return place === 0 ? colours.base : colours.other
}

/** The figures in words, for those who do not see the bars. */
function told({ database, contenders }: DatabaseResult): string {
  const each = contenders.map((one) => {
    const said = figures.map(({ title, value, format }) => {
      const known = value(one)
      return known === undefined ? [] : [`${title} ${format(known)}`]
    })
    return `${one.title}: ${said.flat().join(', ')}`
  })
  return `${database}: ${each.join('; ')}.`
}

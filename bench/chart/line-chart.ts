import { linearScale, logScale, stopsScale, type Scale } from './scale.ts'
import { seriesLine } from './series.ts'
import { drawing, fixed, ink, stroke, widthOf, words } from './svg.ts'

/** One line: a contender, a way, a size. */
export interface ChartLine {
  readonly label: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

/** A panel: one database, one question. All panels have the same axes. */
export interface ChartPanel {
  readonly title: string
  readonly lines: readonly ChartLine[]
}

/** What a chart of lines shows. */
export interface LineChart {
  readonly title: string
  readonly panels: readonly ChartPanel[]
  /** The horizontal axis, with equal factors and a tick at each `x` of the points. */
  readonly x: ChartAxis
  readonly y: ChartAxis & {
    readonly scale: 'linear' | 'log'
    /** Where a linear axis ends. Default: at a round figure above the values. */
    readonly end?: number
  }
  /** What one has to know to read it: conditions, and what it does not show. A line each. */
  readonly notes: readonly string[]
}

/** What an axis says. */
export interface ChartAxis {
  /** With the unit. */
  readonly label: string
  readonly format: (value: number) => string
}

const panelHeight = 250
const gap = 34
const margin = { right: 24, top: 74 } as const
/** Title and notes need this much room. */
const narrowest = 720

/** Draws lines as SVG, a panel beside the other. */
export function lineChart(chart: LineChart): string {
  const { title, panels, x, y, notes } = chart
  const points = panels.flatMap(({ lines }) => lines.flatMap((line) => line.points))
  const across = stopsScale(points.map((point) => point.x))
  const values = points.map((point) => point.y)
  const upward = y.scale === 'log' ? logScale(values) : linearScale(values, y.end)
  // A panel that is alone may be wide.
  const panelWidth = panels.length === 1 ? 560 : 340
  const left = 44 + Math.max(...upward.ticks.map((tick) => widthOf(y.format(tick))))
  const frame: Frame = { across, upward, x, y, left, panelWidth }
  const drawn = panels.length * (panelWidth + gap) - gap
  const noteWidth = Math.max(...notes.map((note) => widthOf(note, 12)))
  const width = Math.ceil(left + Math.max(drawn, narrowest, noteWidth) + margin.right)
  const labels = panels[0]?.lines.map(({ label }) => label) ?? []
  const bottom = margin.top + panelHeight
  const legend = legendOf(labels, left, bottom + 62, width - margin.right)
  const firstNote = legend.bottom + 24
  return drawing({
    width,
    height: firstNote + notes.length * 17 + 6,
    title,
    description: `${title}. ${panels.map((panel) => told(panel, chart)).join(' ')}`,
    parts: [
      words(left, 28, title, { 'font-size': 17, 'font-weight': 600 }),
      ...panels.flatMap((panel, place) => drawPanel(panel, place, frame)),
      `<g transform="translate(18 ${fixed(margin.top + panelHeight / 2)}) rotate(-90)">${words(0, 0, y.label, { 'text-anchor': 'middle' })}</g>`,
      ...legend.parts,
      ...notes.map((note, line) =>
        words(left, firstNote + line * 17, note, { 'font-size': 12, fill: ink.faint }),
      ),
    ],
  })
}

/** What all panels have in common. */
interface Frame {
  readonly across: Scale
  readonly upward: Scale
  readonly x: ChartAxis
  readonly y: ChartAxis
  /** Where the first panel begins. */
  readonly left: number
  readonly panelWidth: number
}

function drawPanel({ title, lines }: ChartPanel, place: number, frame: Frame): string[] {
  const { across, upward, x, y, panelWidth } = frame
  const left = frame.left + place * (panelWidth + gap)
  const right = left + panelWidth
  const bottom = margin.top + panelHeight
  const toX = (value: number): number => left + across.at(value) * panelWidth
  const toY = (value: number): number => bottom - upward.at(value) * panelHeight
  const parts = [words(left, margin.top - 14, title, { 'font-weight': 600 })]
  for (const tick of upward.ticks) {
    const level = toY(tick)
    const colour = Math.abs(level - bottom) < 0.5 ? ink.text : ink.grid
    parts.push(stroke([left, level], [right, level], colour))
    if (place > 0) continue
    parts.push(words(left - 8, level + 4, y.format(tick), { 'text-anchor': 'end' }))
  }
  for (const tick of across.ticks) {
    const at = toX(tick)
    parts.push(
      stroke([at, bottom], [at, bottom + 5], ink.text),
      words(at, bottom + 19, x.format(tick), { 'text-anchor': 'middle' }),
    )
  }
  parts.push(words((left + right) / 2, bottom + 38, x.label, { 'text-anchor': 'middle' }))
  for (const [index, { points }] of lines.entries()) {
    parts.push(
      ...seriesLine(
        index,
        points.map((point) => [toX(point.x), toY(point.y)]),
      ),
    )
  }
  return parts
}

function legendOf(
  labels: readonly string[],
  begin: number,
  top: number,
  end: number,
): { readonly parts: readonly string[]; readonly bottom: number } {
  const parts: string[] = []
  let [left, y] = [begin, top]
  for (const [place, label] of labels.entries()) {
    const needed = 42 + widthOf(label)
    if (left + needed > end && left > begin) [left, y] = [begin, y + 22]
    const middle = y - 4
    parts.push(
      ...seriesLine(place, [[left + 17, middle]]),
      ...seriesLine(place, [
        [left, middle],
        [left + 34, middle],
      ]).slice(0, 1),
      words(left + 42, y, label),
    )
    left += needed + 24
  }
  return { parts, bottom: y }
}

/** The figures in words, for those who do not see the lines. */
function told({ title, lines }: ChartPanel, { x, y }: LineChart): string {
  const sentences = lines.map(({ label, points }) => {
    const figures = points.map((point) => `${y.format(point.y)} at ${x.format(point.x)}`)
    return `${label}: ${figures.join(', ')}`
  })
  return `${title} (${y.label}, by ${x.label}): ${sentences.join('; ')}.`
}

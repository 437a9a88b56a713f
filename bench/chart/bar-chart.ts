import { logScale } from './scale.ts'
import { drawing, fixed, ink, stroke, widthOf, words } from './svg.ts'

/** One bar. */
export interface ChartBar {
  readonly label: string
  readonly value: number
  /** Which colour it has; bars of one kind have the same. */
  readonly kind: string
}

/** What a chart of bars shows: one figure of many contenders, on an axis with equal factors. */
export interface BarChart {
  readonly title: string
  /** Bars with a heading, one group below the other, on the same axis. */
  readonly groups: readonly { readonly title: string; readonly bars: readonly ChartBar[] }[]
  /** With the unit. */
  readonly label: string
  readonly format: (value: number) => string
  readonly notes: readonly string[]
}

const colours = ['#7f7f7f', '#0072b2', '#d55e00', '#009e73'] as const
const row = 21
const plotWidth = 460

/** Draws horizontal bars as SVG. */
export function barChart({ title, groups, label, format, notes }: BarChart): string {
  const bars = groups.flatMap((group) => group.bars)
  const kinds = [...new Set(bars.map(({ kind }) => kind))]
  const left = 32 + Math.max(...bars.map((bar) => widthOf(bar.label)))
  const scale = logScale(bars.map(({ value }) => value))
  const noteWidth = Math.max(...notes.map((note) => widthOf(note, 12)))
  const width = Math.ceil(Math.max(left + plotWidth + 90, 24 + noteWidth))
  const parts = [words(12, 28, title, { 'font-size': 17, 'font-weight': 600 })]
  let y = 50
  let begin = 12
  for (const kind of kinds) {
    parts.push(
      `<rect x="${fixed(begin)}" y="${y - 10}" width="12" height="12" fill="${colourOf(kind, kinds)}"/>`,
      words(begin + 18, y, kind),
    )
    begin += 50 + widthOf(kind)
  }
  for (const group of groups) {
    y += 34
    parts.push(words(12, y, group.title, { 'font-weight': 600 }))
    const top = y + 8
    y = top + group.bars.length * row
    for (const tick of scale.ticks) {
      const x = left + scale.at(tick) * plotWidth
      parts.push(
        stroke([x, top], [x, y], tick === scale.ticks[0] ? ink.text : ink.grid),
        words(x, y + 15, tick.toLocaleString('en'), { 'text-anchor': 'middle', 'font-size': 12 }),
      )
    }
    for (const [place, bar] of group.bars.entries()) {
      const middle = top + place * row + row / 2
      const length = Math.max(1, scale.at(bar.value) * plotWidth)
      parts.push(
        words(left - 8, middle + 4, bar.label, { 'text-anchor': 'end' }),
        `<rect x="${fixed(left)}" y="${fixed(middle - 7)}" width="${fixed(length)}" height="14" fill="${colourOf(bar.kind, kinds)}"/>`,
        words(left + length + 6, middle + 4, format(bar.value), { 'font-size': 12 }),
      )
    }
    y += 34
    parts.push(words(left + plotWidth / 2, y, label, { 'text-anchor': 'middle' }))
  }
  y += 28
  for (const note of notes) {
    parts.push(words(12, y, note, { 'font-size': 12, fill: ink.faint }))
    y += 17
  }
  const description = groups.map((group) => {
    const figures = group.bars.map((bar) => `${bar.label} ${format(bar.value)}`)
    return `${group.title} (${label}): ${figures.join(', ')}.`
  })
  return drawing({
    width,
    height: y,
    title,
    description: `${title}. ${description.join(' ')}`,
    parts,
  })
}

function colourOf(kind: string, kinds: readonly string[]): string {
  return colours[kinds.indexOf(kind) % colours.length] ?? colours[0]
}

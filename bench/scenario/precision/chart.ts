/** One line of a chart: hit ratio by share of writes. */
export interface ChartLine {
  readonly label: string
  readonly points: readonly { readonly writeShare: number; readonly hitRatio: number }[]
}

/** A panel of a chart: one database. */
export interface ChartPanel {
  readonly title: string
  readonly lines: readonly ChartLine[]
}

/** Colours that people with any kind of colour vision tell apart (Okabe and Ito); dashes and marks differ as well. */
const styles = [
  { colour: '#0072b2', dash: '', mark: circle },
  { colour: '#d55e00', dash: '7 4', mark: square },
  { colour: '#4d4d4d', dash: '2 4', mark: triangle },
] as const

const panel = { width: 300, height: 240, gap: 28 } as const
const margin = { left: 64, right: 20, top: 74, bottom: 112 } as const
/** The notes need this much room. */
const narrowest = 860
const text = '#1a1a1a'
const grid = '#dddddd'

/** Draws hit ratios by share of writes as SVG, a panel for each database. The shares stand on a logarithmic axis. */
export function drawChart(
  title: string,
  panels: readonly ChartPanel[],
  notes: readonly string[],
): string {
  const drawn = panels.length * (panel.width + panel.gap) - panel.gap
  const width = margin.left + Math.max(drawn, narrowest) + margin.right
  const height = margin.top + panel.height + margin.bottom
  const labels = panels[0]?.lines.map(({ label }) => label) ?? []
  const description = `${title}. ${panels.map(describe).join(' ')}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" font-family="system-ui, sans-serif" font-size="13" fill="${text}">`,
    `<title id="title">${escape(title)}</title>`,
    `<desc id="description">${escape(description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${margin.left}" y="28" font-size="17" font-weight="600">${escape(title)}</text>`,
    ...panels.map((one, place) => drawPanel(one, place)),
    verticalLabel(margin.top + panel.height / 2, 'hits per 100 reads'),
    ...legend(labels, margin.top + panel.height + 62),
    ...notes.map(
      (note, line) =>
        `<text x="${margin.left}" y="${margin.top + panel.height + 84 + line * 16}" font-size="12" fill="#555555">${escape(note)}</text>`,
    ),
    '</svg>',
    '',
  ].join('\n')
}

function drawPanel({ title, lines }: ChartPanel, place: number): string {
  const left = margin.left + place * (panel.width + panel.gap)
  const shares = lines[0]?.points.map(({ writeShare }) => writeShare) ?? []
  const [first = 0.01, last = 1] = [shares[0], shares.at(-1)]
  const inset = 14
  const x = (share: number): number =>
    left + inset + (Math.log(share / first) / Math.log(last / first)) * (panel.width - 2 * inset)
  const y = (ratio: number): number => margin.top + panel.height * (1 - ratio)
  const parts = [
    `<text x="${left}" y="${margin.top - 14}" font-weight="600">${escape(title)}</text>`,
  ]
  for (const ratio of [0, 0.2, 0.4, 0.6, 0.8, 1]) {
    parts.push(
      `<line x1="${left}" x2="${left + panel.width}" y1="${fixed(y(ratio))}" y2="${fixed(y(ratio))}" stroke="${ratio === 0 ? text : grid}"/>`,
    )
    if (place > 0) continue
    parts.push(
      `<text x="${left - 8}" y="${fixed(y(ratio) + 4)}" text-anchor="end">${(ratio * 100).toFixed(0)}</text>`,
    )
  }
  for (const share of shares) {
    parts.push(
      `<line x1="${fixed(x(share))}" x2="${fixed(x(share))}" y1="${margin.top + panel.height}" y2="${margin.top + panel.height + 5}" stroke="${text}"/>`,
      `<text x="${fixed(x(share))}" y="${margin.top + panel.height + 19}" text-anchor="middle">${(share * 100).toFixed(0)}</text>`,
    )
  }
  parts.push(
    `<text x="${left + panel.width / 2}" y="${margin.top + panel.height + 38}" text-anchor="middle">writes per 100 requests</text>`,
  )
  for (const [index, { points }] of lines.entries()) {
    const { colour, dash, mark } = styleOf(index)
    const places = points.map(({ writeShare, hitRatio }) => [x(writeShare), y(hitRatio)] as const)
    const path = places.map(([at, level]) => `${fixed(at)},${fixed(level)}`).join(' ')
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`,
      ...places.map(([at, level]) => mark(at, level, colour)),
    )
  }
  return parts.join('\n')
}

function legend(labels: readonly string[], y: number): string[] {
  let left: number = margin.left
  return labels.map((label, index) => {
    const { colour, dash, mark } = styleOf(index)
    const begin = left
    left += 62 + label.length * 7
    return [
      `<line x1="${begin}" x2="${begin + 34}" y1="${y - 4}" y2="${y - 4}" stroke="${colour}" stroke-width="2.2"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}/>`,
      mark(begin + 17, y - 4, colour),
      `<text x="${begin + 42}" y="${y}">${escape(label)}</text>`,
    ].join('\n')
  })
}

function verticalLabel(y: number, label: string): string {
  return `<text transform="translate(20 ${y}) rotate(-90)" text-anchor="middle">${escape(label)}</text>`
}

/** The figures in words, for those who do not see the lines. */
function describe({ title, lines }: ChartPanel): string {
  const told = lines.map(({ label, points }) => {
    const figures = points.map(
      ({ writeShare, hitRatio }) =>
        `${(hitRatio * 100).toFixed(0)} at ${(writeShare * 100).toFixed(0)} % writes`,
    )
    return `${label}: ${figures.join(', ')}`
  })
  return `${title}: ${told.join('; ')}.`
}

function styleOf(index: number): (typeof styles)[number] {
  return styles[index % styles.length] ?? styles[0]
}

function circle(x: number, y: number, colour: string): string {
  return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="4" fill="${colour}"/>`
}

function square(x: number, y: number, colour: string): string {
  return `<rect x="${fixed(x - 4)}" y="${fixed(y - 4)}" width="8" height="8" fill="${colour}"/>`
}

function triangle(x: number, y: number, colour: string): string {
  const points = [
    [x, y - 5],
    [x + 5, y + 4],
    [x - 5, y + 4],
  ] as const
  return `<polygon points="${points.map(([a, b]) => `${fixed(a)},${fixed(b)}`).join(' ')}" fill="${colour}"/>`
}

function fixed(number: number): string {
  return number.toFixed(1)
}

function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

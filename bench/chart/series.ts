import { fixed } from './svg.ts'

/** How one line of a chart is told from the others. */
interface SeriesStyle {
  readonly colour: string
  readonly dash: string
  mark(x: number, y: number, colour: string): string
}

/** Colours that people with any kind of colour vision tell apart (Okabe and Ito); dashes and marks differ as well. */
const styles: readonly SeriesStyle[] = [
  { colour: '#0072b2', dash: '', mark: circle },
  { colour: '#d55e00', dash: '7 4', mark: square },
  { colour: '#4d4d4d', dash: '2 4', mark: triangle },
  { colour: '#009e73', dash: '', mark: diamond },
  { colour: '#cc79a7', dash: '9 3 2 3', mark: circle },
  { colour: '#e69f00', dash: '', mark: square },
  { colour: '#56b4e9', dash: '4 3', mark: triangle },
  { colour: '#8c5a2b', dash: '', mark: diamond },
]

/** The look of the line at a place; it comes again after eight. */
export function styleOf(place: number): SeriesStyle {
  return styles[place % styles.length] ?? { colour: '#000000', dash: '', mark: circle }
}

/** A line through points, with its mark at each. */
export function seriesLine(
  place: number,
  points: readonly (readonly [number, number])[],
): string[] {
  const { colour, dash, mark } = styleOf(place)
  const path = points.map(([x, y]) => `${fixed(x)},${fixed(y)}`).join(' ')
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`
  return [
    `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.2"${dashes}/>`,
    ...points.map(([x, y]) => mark(x, y, colour)),
  ]
}

function circle(x: number, y: number, colour: string): string {
  return `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="4" fill="${colour}"/>`
}

function square(x: number, y: number, colour: string): string {
  return `<rect x="${fixed(x - 4)}" y="${fixed(y - 4)}" width="8" height="8" fill="${colour}"/>`
}

function triangle(x: number, y: number, colour: string): string {
  return polygon(
    [
      [x, y - 5],
      [x + 5, y + 4],
      [x - 5, y + 4],
    ],
    colour,
  )
}

function diamond(x: number, y: number, colour: string): string {
  return polygon(
    [
      [x, y - 5.5],
      [x + 5.5, y],
      [x, y + 5.5],
      [x - 5.5, y],
    ],
    colour,
  )
}

function polygon(corners: readonly (readonly [number, number])[], colour: string): string {
  const points = corners.map(([x, y]) => `${fixed(x)},${fixed(y)}`).join(' ')
  return `<polygon points="${points}" fill="${colour}"/>`
}

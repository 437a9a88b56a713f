/** The colours of charts: dark on white, whatever the page around them looks like. */
export const ink = { text: '#1a1a1a', faint: '#555555', grid: '#dddddd', paper: '#ffffff' } as const

/** One drawing with what those who do not see it are told instead. */
export function drawing(frame: {
  readonly width: number
  readonly height: number
  readonly title: string
  readonly description: string
  readonly parts: readonly string[]
}): string {
  const { width, height, title, description, parts } = frame
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" font-family="system-ui, sans-serif" font-size="13" fill="${ink.text}">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<rect width="${width}" height="${height}" fill="${ink.paper}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

/** Words at a place. */
export function words(
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string | number>> = {},
): string {
  const extra = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`)
  return `<text x="${fixed(x)}" y="${fixed(y)}"${extra.join('')}>${escaped(content)}</text>`
}

/** A straight line. */
export function stroke(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  colour: string,
): string {
  return `<line x1="${fixed(from[0])}" y1="${fixed(from[1])}" x2="${fixed(to[0])}" y2="${fixed(to[1])}" stroke="${colour}"/>`
}

/** A coordinate. */
export function fixed(coordinate: number): string {
  return coordinate.toFixed(1)
}

/** How wide words are, roughly: no font is measured here. */
export function widthOf(content: string, size = 13): number {
  return content.length * size * 0.56
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

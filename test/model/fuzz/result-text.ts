/** A result as text: equal texts, equal results in value and type. The order of rows counts only where a query has one. */
export function resultText(rows: readonly unknown[], ordered: boolean): string {
  const texts = rows.map(rowText)
  if (!ordered) texts.sort()
  return texts.join('\n')
}

function rowText(row: unknown): string {
  if (typeof row !== 'object' || row === null || row instanceof Date || Buffer.isBuffer(row))
    return cellText(row)
  let text = ''
  for (const name in row) text += `${name}=${cellText((row as Record<string, unknown>)[name])} `
  return text
}

function cellText(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'string':
      return `'${value}'`
    case 'bigint':
      return `${value}n`
    case 'object':
      if (value === null) return 'null'
      if (value instanceof Date) return `date ${value.getTime()}`
      if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`
      return JSON.stringify(value)
    default:
      return String(value)
  }
}

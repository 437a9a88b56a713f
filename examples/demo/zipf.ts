/**
 * Picks ranks from 0 to `count - 1` as people pick cities: rank r in proportion to 1 / (r + 1)^exponent, so that few ranks get most of the
 * picks and every rank gets some.
 */
export function zipf(count: number, exponent = 1.1): () => number {
  const cumulative = new Float64Array(count)
  let total = 0
  for (let rank = 0; rank < count; rank += 1) {
    total += (rank + 1) ** -exponent
    cumulative[rank] = total
  }
  return () => {
    const target = Math.random() * total
    let low = 0
    let high = count - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((cumulative[middle] ?? total) < target) low = middle + 1
      else high = middle
    }
    return low
  }
}

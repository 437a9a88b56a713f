import { describe, expect, test } from 'vitest'
import { lineChart } from '../../bench/chart/line-chart.ts'
import { linearScale, logScale, stopsScale } from '../../bench/chart/scale.ts'

describe('scales of charts', () => {
  test('equal steps begin at zero and end at a round figure above the values', () => {
    const scale = linearScale([3, 41, 17])
    expect(scale.ticks).toEqual([0, 10, 20, 30, 40, 50])
    expect(scale.at(25)).toBe(0.5)
  })

  test('equal factors hold all values between round figures', () => {
    const scale = logScale([0.7, 130])
    expect(scale.ticks).toEqual([0.1, 1, 10, 100, 1000])
    expect(scale.at(10)).toBeCloseTo(0.5)
    expect(logScale([12, 90]).ticks).toEqual([10, 20, 50, 100])
  })

  test('stops have a tick for each value and keep their order', () => {
    const scale = stopsScale([100, 1, 10, 1])
    expect(scale.ticks).toEqual([1, 10, 100])
    expect(scale.at(10)).toBeCloseTo(0.5)
    expect(scale.at(1)).toBeLessThan(scale.at(10))
  })
})

test('a chart tells its title, units and figures also in words, and escapes them', () => {
  const svg = lineChart({
    title: 'Cost < price',
    panels: [
      {
        title: 'Here',
        lines: [
          {
            label: 'A & B',
            points: [
              { x: 1, y: 2 },
              { x: 10, y: 4 },
            ],
          },
        ],
      },
    ],
    x: { label: 'rows', format: String },
    y: { label: 'microseconds', format: String, scale: 'linear' },
    notes: ['One note.'],
  })
  expect(svg).toContain('<title id="title">Cost &lt; price</title>')
  expect(svg).toContain('Here (microseconds, by rows): A &amp; B: 2 at 1, 4 at 10.')
  expect(svg).toContain('>One note.</text>')
  expect(svg).not.toContain('NaN')
})

import { expect, test } from 'vitest'
import { linear, logarithmic } from './axes.ts'
import { bars } from './bars.ts'
import { lines } from './lines.ts'

test('an axis holds its values, from end to end, on round numbers', () => {
  const axis = linear([87.2, 99.4], 300, 20)
  expect(axis.ticks).toEqual([85, 90, 95, 100])
  expect([axis.at(85), axis.at(100)]).toEqual([300, 20])
  expect(linear([3, 3], 0, 10).ticks.length).toBeGreaterThan(1)
  const log = logarithmic([1, 100, 10, 10], 0, 100)
  expect(log.ticks).toEqual([1, 10, 100])
  expect(log.at(10)).toBeCloseTo((log.at(1) + log.at(100)) / 2, 9)
  expect(logarithmic([5], 0, 100).at(5)).toBeCloseTo(50, 9)
})

test('a picture says what it shows, to who sees it and who does not; without points there is none', () => {
  const series = [
    {
      name: 'a < b',
      points: [
        [1, 2],
        [10, 3],
      ] as [number, number][],
    },
    { name: 'nothing', points: [] },
  ]
  const drawn = lines('A & b', { x: 'size', y: 'score', series })!
  expect(drawn).toMatch(/^<svg [^>]*viewBox="0 0 720 340" role="img" aria-label="A &amp; b"/)
  for (const words of ['a &lt; b', '>size<', '>score<', '>10<']) expect(drawn).toContain(words)
  expect(drawn).not.toContain('nothing')
  expect(lines('t', { x: '', y: '', series: [series[1]] })).toBeNull()
  expect(bars('t', '', [], String)).toBeNull()
  const [low, high] = [
    ...bars(
      't',
      '',
      [
        { name: 'a', value: -1, kind: 0 },
        { name: 'b', value: 2, kind: 1 },
      ],
      String,
    )!.matchAll(/width="([\d.]+)" height="16"/g),
  ]
  expect(Number(high[1]) / Number(low[1])).toBeCloseTo(2, 1)
})

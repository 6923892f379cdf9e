import { linear, logarithmic } from './axes.ts'
import { colourOf, grey, marker, picture, r, text } from './svg.ts'

export interface Series {
  name: string
  points: readonly (readonly [x: number, y: number])[]
}

const WIDTH = 720
const HEIGHT = 340
const LEFT = 64
const RIGHT = 500
const TOP = 36
const BOTTOM = 290

/** Lines over a logarithmic axis, each with its name at the right; `null` where nothing was measured. */
export const lines = (title: string, { x: xName, y: yName, series }: { x: string; y: string; series: readonly Series[] }): string | null => {
  const drawn = series.filter(({ points }) => points.length > 0)
  if (drawn.length === 0) return null
  const points = drawn.flatMap((each) => each.points)
  const x = logarithmic(
    points.map(([at]) => at),
    LEFT,
    RIGHT,
  )
  const y = linear(
    points.map(([, at]) => at),
    BOTTOM,
    TOP,
  )
  return picture(WIDTH, HEIGHT, title, [
    text(LEFT - 50, 20, yName, 'font-size="13"'),
    ...y.ticks.flatMap((tick) => [
      `<path d="M${LEFT} ${r(y.at(tick))}H${RIGHT}" stroke="${grey}" stroke-opacity="0.3"/>`,
      text(LEFT - 8, y.at(tick) + 4, String(tick), 'text-anchor="end" font-size="12"'),
    ]),
    ...x.ticks.map((tick) => text(x.at(tick), BOTTOM + 20, String(tick), 'text-anchor="middle" font-size="12"')),
    text((LEFT + RIGHT) / 2, BOTTOM + 42, xName, 'text-anchor="middle" font-size="13"'),
    ...drawn.flatMap(({ name, points }, i) => [
      `<path d="${points.map(([a, b], n) => `${n === 0 ? 'M' : 'L'}${r(x.at(a))} ${r(y.at(b))}`).join('')}" fill="none" stroke="${colourOf(i)}" stroke-width="2"/>`,
      ...points.map(([a, b]) => marker(i, x.at(a), y.at(b))),
      marker(i, RIGHT + 24, TOP + 10 + i * 24),
      text(RIGHT + 36, TOP + 15 + i * 24, name),
    ]),
  ])
}

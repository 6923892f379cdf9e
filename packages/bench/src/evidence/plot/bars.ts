import { linear } from './axes.ts'
import { colourOf, grey, picture, r, text } from './svg.ts'

export interface Bar {
  name: string
  value: number
  /** Which colour; bars of one kind share it. */
  kind: number
}

const WIDTH = 720
const LEFT = 250
const RIGHT = 640
const ROW = 24
const TOP = 34

/** Lying bars from zero, each with its value behind it; `null` where nothing was measured. */
export const bars = (title: string, unit: string, given: readonly Bar[], format: (value: number) => string): string | null => {
  if (given.length === 0) return null
  const x = linear([0, ...given.map(({ value }) => value)], LEFT, RIGHT)
  const zero = x.at(0)
  return picture(WIDTH, TOP + given.length * ROW + 12, title, [
    text(LEFT, 18, unit, 'font-size="13"'),
    `<path d="M${r(zero)} ${TOP - 6}V${TOP + given.length * ROW}" stroke="${grey}"/>`,
    ...given.flatMap(({ name, value, kind }, i) => {
      const y = TOP + i * ROW
      const [from, to] = [Math.min(zero, x.at(value)), Math.max(zero, x.at(value))]
      return [
        text(LEFT - 10, y + 13, name, 'text-anchor="end"'),
        `<rect x="${r(from)}" y="${y}" width="${r(Math.max(1, to - from))}" height="16" rx="3" fill="${colourOf(kind)}"/>`,
        text(to + 6, y + 13, format(value), 'font-size="13"'),
      ]
    }),
  ])
}

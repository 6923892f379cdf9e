import type { Interval } from '@weft/bench/compose/chance'
import type { GateResult } from '@weft/bench/compose/gate'
import type { BenchComposeResult } from '@weft/bench/compose/run'

/** Head and rows: what each task scores under each composition. Labels by accuracy, formats by exact answers, styles by perplexity. */
export const composeTable = ({
  base,
  compositions,
  kinds,
  operator,
  unsettled = {},
  with_text = {},
  joint = {},
}: BenchComposeResult): [string[], (string | number)[][]] => [
  ['composition', ...Object.entries(kinds).flatMap(([name, kind]) => columns[kind].map((column) => `${name}: ${column}`))],
  [
    ['base', base] as const,
    ...Object.entries(compositions).map(([names, scores]) => [composed(names, operator), scores] as const),
    ...Object.entries(unsettled).map(([name, score]) => [`${name}, before it was settled`, { [name]: score }] as const),
    ...Object.entries(with_text).map(([name, score]) => [`${name}, beside the text`, { [name]: score }] as const),
    ...Object.entries(joint).map(([pair, scores]) => [`one adapter for ${pair}`, scores] as const),
  ].map(([expression, scores]) => [
    expression,
    ...Object.entries(kinds).flatMap(([name, kind]) => {
      const score = scores[name]
      if (kind === 'style') return [score?.perplexity?.toFixed(1) ?? '']
      if (kind === 'label') return [cell(score?.accuracy), cell(score?.calibrated?.accuracy)]
      return [cell(score?.format), cell(score?.exact), cell(score?.calibrated?.exact)]
    }),
  ]),
]

/** As it is asked for: tasks are named by `a + b`, whatever they are composed by. */
const composed = (names: string, operator: BenchComposeResult['operator']): string =>
  operator === 'sum' || !names.includes(' + ') ? names : `${operator}(${names.replaceAll(' + ', ', ')})`

/** What the table comes to, each figure with what 95 of 100 draws of other held-out rows would give. */
export const composeFigures = (result: BenchComposeResult): object => {
  const { mean_retention, worst, three_at_once, four_at_once, all_at_once, price_alone, beside_text, ratio_to_joint, auto, gate, calibrated, intervals } =
    result
  const { mean_of_oracle } = intervals
  const byTask = (name: 'price_alone' | 'beside_text') => {
    const chances = (intervals[name] ?? {}) as Record<string, Interval>
    return Object.fromEntries(Object.entries(result[name] ?? {}).map(([task, share]) => [task, shown(share, chances[task])]))
  }
  const chance = (name: keyof typeof result): Interval | undefined => intervals[name] as Interval | undefined
  return {
    mean_retention: shown(mean_retention, chance('mean_retention')),
    worst: shown(worst, chance('worst')),
    three_at_once: shown(three_at_once, chance('three_at_once')),
    ...(four_at_once !== undefined && { four_at_once: shown(four_at_once, chance('four_at_once')) }),
    ...(all_at_once !== undefined && { all_at_once: shown(all_at_once, chance('all_at_once')) }),
    ...(price_alone && { price_alone: byTask('price_alone') }),
    ...(beside_text && { beside_text: byTask('beside_text') }),
    ...(ratio_to_joint !== undefined && { ratio_to_joint: shown(ratio_to_joint, chance('ratio_to_joint')) }),
    ...(auto && { auto: { ...(rounded(auto) as object), mean_of_oracle: shown(auto.mean_of_oracle, mean_of_oracle as Interval | undefined) } }),
    ...(gate && { gate: gateLine(gate) }),
    calibrated: rounded(calibrated),
  }
}

/** Every figure in it by two decimals. */
const rounded = (value: unknown): unknown => {
  if (typeof value === 'number') return Math.round(value * 100) / 100
  if (Array.isArray(value)) return value.map(rounded)
  return value && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, rounded(each)])) : value
}

const shown = (value: number | null | undefined, interval: Interval | undefined): string | number | null | undefined =>
  typeof value === 'number' ? `${cell(value)}${interval ? ` (${cell(interval[0])} to ${cell(interval[1])})` : ''}` : value

/** How often the publish gate's prediction held. */
export const gateLine = ({ keeps, missed, loses, alarms }: GateResult): string =>
  [
    keeps === 0 ? 'it takes no place for kept' : `${missed} of ${keeps} places that it takes for kept lose more than a fifth`,
    loses === 0 ? 'it takes none for lost' : `${alarms} of ${loses} that it takes for lost do not`,
  ].join('; ')

const columns = { label: ['accuracy', 'calibrated'], style: ['perplexity'], format: ['in format', 'and right', 'calibrated'] }

const cell = (value: number | undefined): string => value?.toFixed(2) ?? ''

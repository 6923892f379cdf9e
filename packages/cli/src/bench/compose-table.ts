import type { Interval } from '@weft/bench/compose/chance'
import type { GateResult } from '@weft/bench/compose/gate'
import type { BenchComposeResult } from '@weft/bench/compose/run'

/** Head and rows: what each task scores under each composition. Labels by accuracy, formats by exact answers, styles by perplexity. */
export const composeTable = ({ base, compositions, kinds, unsettled = {}, joint = {} }: BenchComposeResult): [string[], (string | number)[][]] => [
  ['composition', ...Object.entries(kinds).flatMap(([name, kind]) => columns[kind].map((column) => `${name}: ${column}`))],
  [
    ...Object.entries({ base, ...compositions }),
    ...Object.entries(unsettled).map(([name, score]) => [`${name}, before it was settled`, { [name]: score }] as const),
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

/** What the table comes to, each figure with what 95 of 100 draws of other held-out rows would give. */
export const composeFigures = (result: BenchComposeResult): object => {
  const { mean_retention, worst, three_at_once, four_at_once, all_at_once, price_alone, ratio_to_joint, auto, gate, calibrated, intervals } = result
  const { price_alone: ofPrices = {}, mean_of_oracle } = intervals
  const chance = (name: keyof typeof result): Interval | undefined => intervals[name] as Interval | undefined
  return {
    mean_retention: shown(mean_retention, chance('mean_retention')),
    worst: shown(worst, chance('worst')),
    three_at_once: shown(three_at_once, chance('three_at_once')),
    ...(four_at_once !== undefined && { four_at_once: shown(four_at_once, chance('four_at_once')) }),
    ...(all_at_once !== undefined && { all_at_once: shown(all_at_once, chance('all_at_once')) }),
    ...(price_alone && {
      price_alone: Object.fromEntries(Object.entries(price_alone).map(([name, price]) => [name, shown(price, (ofPrices as Record<string, Interval>)[name])])),
    }),
    ...(ratio_to_joint !== undefined && { ratio_to_joint: shown(ratio_to_joint, chance('ratio_to_joint')) }),
    ...(auto && { auto: { ...auto, mean_of_oracle: shown(auto.mean_of_oracle, mean_of_oracle as Interval | undefined) } }),
    ...(gate && { gate: gateLine(gate) }),
    calibrated,
  }
}

const shown = (value: number | null | undefined, interval: Interval | undefined): string | number | null | undefined =>
  typeof value === 'number' && interval ? `${cell(value)} (${cell(interval[0])} to ${cell(interval[1])})` : value

/** How often the publish gate's prediction held. */
export const gateLine = ({ keeps, missed, loses, alarms }: GateResult): string =>
  `${missed} of ${keeps} places that it takes for kept lose more than a fifth; ${alarms} of ${loses} that it takes for lost do not`

const columns = { label: ['accuracy', 'calibrated'], style: ['perplexity'], format: ['in format', 'and right', 'calibrated'] }

const cell = (value: number | undefined): string => value?.toFixed(2) ?? ''

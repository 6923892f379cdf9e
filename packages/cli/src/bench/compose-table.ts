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

/** How often the publish gate's prediction held. */
export const gateLine = ({ keeps, missed, loses, alarms }: GateResult): string =>
  `${missed} of ${keeps} places that it takes for kept lose more than a fifth; ${alarms} of ${loses} that it takes for lost do not`

const columns = { label: ['accuracy', 'calibrated'], style: ['perplexity'], format: ['in format', 'and right', 'calibrated'] }

const cell = (value: number | undefined): string => value?.toFixed(2) ?? ''

import { commitsOf, decimals, figure } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { rateOf, usualComposition } from '../measures/compose-options.ts'
import type { EvidencePart } from '../part.ts'
import type { Cell, Values } from '../row.ts'
import { composition, leastOf } from './composition.ts'

const METHOD = 'parallel-prefix'
const MODEL = 'smollm2-135m-instruct'
const seeds = [0, 1, 2]

/** By which the prefix's branch can be shut for a token. */
const gates = [
  { title: 'none', set: { sinkColumn: false } },
  { title: '1', set: { sinkColumns: 1 } },
  { title: '8', set: { sinkColumns: 8 } },
] as const
const operators = ['sum', 'experts'] as const

const cellOf = (set: (typeof gates)[number]['set'], operator: (typeof operators)[number], seed: number): Cell => ({
  settings: {
    ...{ measure: 'composition', model: MODEL, method: METHOD, phase: 'none', settle: true, operator, joint: false, auto: false },
    ...{ learningRate: rateOf(METHOD), ...usualComposition, settleWeight: 1, precision: 'int8', set },
  },
  seed,
})

/** Of held-out prose, behind the style's adapter alone. */
const styleAlone = ({ scores }: Values): number => Math.exp(-(scores as { B: { B: number } }).B.B)

/** What a gate that reads each token buys: silence, at what cost in style. */
export const sinkColumns: EvidencePart = {
  name: 'sink-columns',
  title: 'A gate that reads each token',
  cells: (form) => (form === 'short' ? [] : seeds.flatMap((seed) => gates.flatMap(({ set }) => operators.map((operator) => cellOf(set, operator, seed))))),
  run: composition.run,
  table: (rows) =>
    [
      'A gated prefix has a softmax of its own, which always sums to 1. A *sink column*, a learned key whose value is zero, takes from it what a token’s query gives it: a gate that reads each token, in every layer and head. Several shut the branch by the largest of as many linear functions of the query. The three tasks of [what adapters keep when composed](#what-adapters-keep-when-composed), settled together, on SmolLM2-135M in integers; `sum` adds them inside the model, so that all that an adapter does where it should be silent is heard.',
      figuresTable(
        2,
        ['sink columns', 'operator', 'pairs, mean', 'pairs, worst', 'three at once', 'price alone', 'perplexity of the style, alone', 'run at'],
        gates.flatMap(({ title, set }) =>
          operators.map((operator) => {
            const of = seeds.map((seed) => rows.find(cellOf(set, operator, seed)))
            const value = (read: (values: Values) => unknown, digits = 2) => figure(of, ({ values }) => read(values), decimals(digits))
            return [
              title,
              `\`${operator}\``,
              value(({ mean_retention }) => mean_retention),
              value(({ worst }) => worst),
              value(({ three_at_once }) => three_at_once),
              value(({ price_alone }) => leastOf(price_alone)),
              value(styleAlone, 1),
              commitsOf(of),
            ]
          }),
        ),
      ),
    ].join('\n\n'),
  plot: () => [],
}

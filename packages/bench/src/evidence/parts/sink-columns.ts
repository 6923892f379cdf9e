import { commitsOf, decimals, figure } from '../figure.ts'
import { figuresTable } from '../figures-table.ts'
import { rateOf, usualComposition } from '../measures/compose-options.ts'
import { models } from '../models.ts'
import type { EvidencePart } from '../part.ts'
import type { Cell, Values } from '../row.ts'
import { composition, leastOf } from './composition.ts'

const METHOD = 'parallel-prefix'
/** The bundled model is there for the short form. */
const measured: Readonly<Record<string, 'float32' | 'int8'>> = { bundled: 'float32', 'smollm2-135m-instruct': 'int8' }
const seeds = [0, 1, 2]

/** By which the prefix's branch can be shut for a token. */
const gates = [
  { title: 'none', set: { sinkColumn: false } },
  { title: '1', set: { sinkColumns: 1 } },
  { title: '8', set: { sinkColumns: 8 } },
] as const
const operators = ['sum', 'experts'] as const

const cellOf = (model: string, set: (typeof gates)[number]['set'], operator: (typeof operators)[number], seed: number): Cell => ({
  settings: {
    ...{ measure: 'composition', model, method: METHOD, phase: 'none', settle: true, operator, joint: false, auto: false },
    ...{ learningRate: rateOf(METHOD, model), ...usualComposition, settleWeight: 1, precision: measured[model], set },
  },
  seed,
})

/** Of held-out prose, behind the style's adapter alone. */
const styleAlone = ({ scores }: Values): number => Math.exp(-(scores as { B: { B: number } }).B.B)

/** What a gate that reads each token buys: silence, at what cost in style. */
export const sinkColumns: EvidencePart = {
  name: 'sink-columns',
  title: 'A gate that reads each token',
  cells: (form) =>
    form === 'short'
      ? [cellOf('bundled', gates[0].set, 'sum', 0)]
      : Object.keys(measured).flatMap((model) =>
          seeds.flatMap((seed) => gates.flatMap(({ set }) => operators.map((operator) => cellOf(model, set, operator, seed)))),
        ),
  run: composition.run,
  table: (rows) =>
    [
      'A gated prefix has a softmax of its own, which always sums to 1. A *sink column*, a learned key whose value is zero, takes from it what a token’s query gives it: a gate that reads each token, in every layer and head. Several shut the branch by the largest of as many linear functions of the query. The three tasks of [what adapters keep when composed](#what-adapters-keep-when-composed), settled together; SmolLM2 in integers. `sum` adds them inside the model, so that all that an adapter does where it should be silent is heard.',
      figuresTable(
        3,
        ['model', 'sink columns', 'operator', 'pairs, mean', 'pairs, worst', 'three at once', 'price alone', 'perplexity of the style, alone', 'run at'],
        Object.keys(measured).flatMap((model) =>
          gates.flatMap(({ title, set }) =>
            operators.map((operator) => {
              const of = seeds.map((seed) => rows.find(cellOf(model, set, operator, seed)))
              const value = (read: (values: Values) => unknown, digits = 2) => figure(of, ({ values }) => read(values), decimals(digits))
              return [
                models[model].title,
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
      ),
    ].join('\n\n'),
  plot: () => [],
}

import { rowsSegment } from '../../composition/composed.ts'
import { rowWidth } from '../../model-spec.ts'
import type { FloatTensor } from '../../tensor.ts'
import { concat, weightedSum } from '../concat.ts'
import { defined, equalShapes } from '../equal-shapes.ts'
import { addLogStrength, mixBias, stackBias } from '../log-strength.ts'
import type { Site } from '../site.ts'
import { inputs } from './inputs.ts'

/** Rows `[P,H]` that stand before the token embeddings (Lester et al. 2021) and take a position each. */
export const inputsEmbeds: Site = {
  name: 'inputsEmbeds',
  ordered: true,
  strength: 'log',
  mixes: true,
  needs: ['rows'],
  tensors: (model) => ({
    rows: { shape: [null, rowWidth(model)], axes: ['P', null], dtype: 'float32' },
    bias: { shape: [null], axes: ['P'], dtype: 'float32', optional: true },
  }),
  // In a graph, rows of their own for each row of the batch are `[B,P,H]`.
  virtualTokens: ({ rows: { shape } }) => ({ rows: Number(shape[shape.length - 2]) }),
  scale: ({ rows, bias }, weight, ref) => ({ rows, bias: addLogStrength(bias as FloatTensor, rows.shape[0], weight, ref) }),
  stack: (a, b) =>
    defined({
      rows: concat(a.rows as FloatTensor, b.rows as FloatTensor, 0),
      bias: stackBias(a.bias as FloatTensor, a.rows.shape[0], b.bias as FloatTensor, b.rows.shape[0]),
    }),
  mix: (terms) =>
    defined({
      rows: weightedSum(equalShapes('inputsEmbeds', terms, 'rows')),
      bias: mixBias(
        terms.map(({ weight, state }) => ({ weight, bias: state.bias as FloatTensor })),
        terms[0].state.rows.shape[0],
      ),
    }),
  segment: ({ rows, bias }) => rowsSegment(rows as FloatTensor, bias as FloatTensor | undefined),
  shared: ({ rows }) => rows,
  inputs,
  servedBy: 'cache',
}

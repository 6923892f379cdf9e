import { tensorShape } from '../../errors.ts'
import type { FloatTensor } from '../../tensor.ts'
import { concat, times } from '../concat.ts'
import type { Site } from '../site.ts'
import { inputs } from './inputs.ts'

/**
 * Keys and values that a layer attends to beside its own, each branch with its own softmax, times a gate per layer and head, added
 * to the attention; they take no position. With a gate of 0 a branch adds nothing (Zhang et al. 2023, LLaMA-Adapter; He et al. 2022 for parallel prefixes).
 * `prefix [L,2,K,P,D]` holds the G branches one after another, `lengths [G]` their columns, `gate [L,N,G]`.
 */
export const gatedKeyValue: Site = {
  name: 'gatedKeyValue',
  ordered: false,
  strength: 'linear',
  mixes: true,
  needs: ['prefix', 'gate', 'lengths'],
  tensors: (model) => ({
    prefix: { shape: [model.numLayers, 2, model.numKeyValueHeads, null, model.headDim], axes: [null, null, null, 'P', null], dtype: 'float32' },
    gate: { shape: [model.numLayers, model.numHeads, null], axes: [null, null, 'G'], dtype: 'float32' },
    lengths: { shape: [null], axes: ['G'], dtype: 'float32' },
  }),
  validate: ({ prefix, lengths }) => {
    const columns = [...lengths.data].reduce((sum, length) => sum + length, 0)
    if (columns !== prefix.shape[3] || lengths.data.some((length) => length < 1 || !Number.isInteger(length))) {
      throw tensorShape('gatedKeyValue.prefix', [...prefix.shape.slice(0, 3), `Σ lengths = ${columns}`, prefix.shape[4]], prefix.shape)
    }
  },
  scale: ({ prefix, gate, lengths }, weight) => ({ prefix, gate: times(gate as FloatTensor, weight), lengths }),
  stack: (a, b) => ({
    prefix: concat(a.prefix as FloatTensor, b.prefix as FloatTensor, 3),
    gate: concat(a.gate as FloatTensor, b.gate as FloatTensor, 2),
    lengths: concat(a.lengths as FloatTensor, b.lengths as FloatTensor, 0),
  }),
  mix: (terms) =>
    terms.map(({ weight, state }) => (weight === 1 ? state : gatedKeyValue.scale(state, weight))).reduce((sum, state) => gatedKeyValue.stack(sum, state)),
  inputs,
}

import { mixNotSupported, stackNotSupported, strengthNotSupported } from '../../errors.ts'
import type { Site } from '../site.ts'
import { inputs } from './inputs.ts'

/**
 * The task's classifier over a hidden state: `weight [C,H]`, `bias [C]`, and in some families a dense layer before it,
 * `dense.weight [H,H]`, `dense.bias [H]`, with the activation of the model's `classifier`. A composition holds at most one.
 */
export const head: Site = {
  name: 'head',
  ordered: false,
  strength: 'none',
  mixes: false,
  needs: ['weight'],
  tensors: (model) => ({
    weight: { shape: [null, model.hiddenSize], axes: ['C', null], dtype: 'float32' },
    bias: { shape: [null], axes: ['C'], dtype: 'float32', optional: true },
    'dense.weight': { shape: [model.hiddenSize, model.hiddenSize], dtype: 'float32', optional: true, with: 'dense.bias' },
    'dense.bias': { shape: [model.hiddenSize], dtype: 'float32', optional: true, with: 'dense.weight' },
  }),
  scale: (_, __, ref) => {
    throw strengthNotSupported('head', ref)
  },
  stack: (_, __, refs) => {
    throw stackNotSupported('head', refs ?? [])
  },
  mix: (terms) => {
    if (terms.length === 1 && terms[0].weight === 1) return terms[0].state
    throw mixNotSupported(
      'head',
      terms.map(({ ref }) => ref ?? 'a term'),
    )
  },
  inputs,
  servedBy: 'head',
}

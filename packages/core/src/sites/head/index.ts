import { mixNotSupported, stackNotSupported, strengthNotSupported } from '../../errors.ts'
import type { Site } from '../site.ts'

/** The task's classifier over the last hidden state: `weight [C,H]`, `bias [C]`. A composition holds at most one. */
export const head: Site = {
  name: 'head',
  ordered: false,
  strength: 'none',
  mixes: false,
  tensors: (model) => ({
    weight: { shape: [null, model.hiddenSize], axes: ['C', null], dtype: 'float32' },
    bias: { shape: [null], axes: ['C'], dtype: 'float32', optional: true },
  }),
  virtualTokens: () => ({ rows: 0, prefix: 0 }),
  scale: (_, __, ref) => { throw strengthNotSupported('head', ref) },
  stack: (_, __, refs) => { throw stackNotSupported('head', refs ?? []) },
  mix: (terms) => {
    if (terms.length === 1 && terms[0].weight === 1) return terms[0].state
    throw mixNotSupported('head', terms.map(({ ref }) => ref ?? 'a term'))
  },
  hook: (_, { weight, bias }) => ({ head: bias ? { weight, bias } : { weight } }),
}

import { activatedNeedsDecoder, emptyInvocation, tokenBeyondVocabulary } from '../../errors.ts'
import { type FloatTensor, floatTensor, type SiteState, type Tensor } from '../../tensor.ts'
import { concat, times } from '../concat.ts'
import type { Site, TensorSpec } from '../site.ts'
import { inputs } from './inputs.ts'
import { invocationsOf, invocationsTensor } from './invocations.ts'

/**
 * Low-rank additions that act from an invocation on (Greenewald et al. 2025, aLoRA, https://arxiv.org/abs/2504.12397): `y += B·A·x` at a row's tokens from
 * the last occurrence of a token sequence on, nothing before it, so that keys and values of what stands before are the base model's.
 * `invocations [I,N,4]` holds the sequences (`invocationsTensor`), `<module>.a [R,in]` and `<module>.b [out,R]` the additions, scaled already, and
 * `<module>.of [I,R]` which sequence opens which direction: 1 there, 0 elsewhere. Sums are exact: ranks and sequences stack.
 */
export const activatedLinear: Site = {
  name: 'activatedLinear',
  ordered: false,
  strength: 'linear',
  mixes: true,
  waits: true,
  needs: ['invocations'],
  tensors: ({ modules }) => ({
    invocations: { shape: [null, null, 4], axes: ['I', 'N', null], dtype: 'uint8' },
    ...Object.fromEntries(
      Object.entries(modules).flatMap(([module, [out, input]]): [string, TensorSpec][] => {
        const rank = `R of ${module}`
        return [
          [`${module}.a`, { shape: [null, input], axes: [rank, null], dtype: 'float32', optional: true, with: `${module}.b` }],
          [`${module}.b`, { shape: [out, null], axes: [null, rank], dtype: 'float32', optional: true, with: `${module}.of` }],
          [`${module}.of`, { shape: [null, null], axes: ['I', rank], dtype: 'float32', optional: true, with: `${module}.a` }],
        ]
      }),
    ),
  }),
  validate: ({ invocations }, { bidirectional, encoderDecoder, architecture, vocabSize }) => {
    if (bidirectional || encoderDecoder) throw activatedNeedsDecoder(architecture)
    for (const tokens of invocationsOf(invocations)) {
      if (tokens.length === 0) throw emptyInvocation()
      const wrong = tokens.find((token) => token >= vocabSize)
      if (wrong !== undefined) throw tokenBeyondVocabulary(wrong, vocabSize)
    }
  },
  scale: (state, weight) =>
    Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, name.endsWith('.b') ? times(tensor as FloatTensor, weight) : tensor])),
  stack: (a, b) => {
    const [before, after] = [invocationsOf(a.invocations), invocationsOf(b.invocations)]
    const sum: SiteState = { invocations: invocationsTensor([...before, ...after]) }
    const layers = (state: SiteState): [string, Tensor][] => Object.entries(state).filter(([name]) => name !== 'invocations')
    for (const [name, tensor] of layers(a)) sum[name] = name.endsWith('.of') ? below(tensor, 0, after.length) : tensor
    for (const [name, tensor] of layers(b)) {
      const own = name.endsWith('.of') ? below(tensor, before.length, 0) : (tensor as FloatTensor)
      const first = sum[name] as FloatTensor | undefined
      sum[name] = first ? concat(first, own, name.endsWith('.a') ? 0 : 1) : own
    }
    return sum
  },
  mix: (terms) =>
    terms.map(({ weight, state }) => (weight === 1 ? state : activatedLinear.scale(state, weight))).reduce((sum, state) => activatedLinear.stack(sum, state)),
  inputs,
}

/** `[I,R]` among more sequences: rows of zeros before and behind. */
function below(of: Tensor, before: number, behind: number): FloatTensor {
  const [I, R] = of.shape
  const data = new Float32Array((before + I + behind) * R)
  data.set(of.data as Float32Array, before * R)
  return floatTensor([before + I + behind, R], data)
}

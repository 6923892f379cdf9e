import { rowsSegment } from '../../composition/composed.ts'
import { trunksDiffer } from '../../errors.ts'
import { rowWidth } from '../../model-spec.ts'
import { type FloatTensor, identical, type SiteState } from '../../tensor.ts'
import { concat, times } from '../concat.ts'
import type { Site, SiteTerm } from '../site.ts'
import { branchRows } from './branch-rows.ts'
import { inputs } from './inputs.ts'

/**
 * A low-rank branch `A·B` over a named, frozen trunk prompt: the trunk's rows become `trunk + A·B`. Branches over one trunk
 * add by stacking ranks, so their sum is exact and unplugging one is recomputing without it.
 */
export const promptDelta: Site = {
  name: 'promptDelta',
  ordered: true,
  strength: 'linear',
  mixes: true,
  needs: ['trunk', 'a', 'b'],
  tensors: (model) => ({
    trunk: { shape: [null, rowWidth(model)], axes: ['P', null], dtype: 'float32' },
    a: { shape: [null, null], axes: ['P', 'R'], dtype: 'float32' },
    b: { shape: [null, rowWidth(model)], axes: ['R', null], dtype: 'float32' },
  }),
  virtualTokens: ({ trunk }) => ({ rows: Number(trunk.shape[0]) }),
  scale: ({ trunk, a, b }, weight) => ({ trunk, a, b: times(b as FloatTensor, weight) }),
  stack: (a, b, refs) => {
    if (!identical(a.trunk, b.trunk)) throw trunksDiffer(refs ?? ['a branch', 'another'])
    return {
      trunk: a.trunk,
      a: concat(a.a as FloatTensor, b.a as FloatTensor, 1),
      b: concat(a.b as FloatTensor, b.b as FloatTensor, 0),
    }
  },
  mix: (terms) =>
    terms.map(weighted).reduce((sum, next) => ({
      ref: next.ref,
      state: promptDelta.stack(sum.state, next.state, [sum.ref ?? 'a branch', next.ref ?? 'another']),
    })).state,
  segment: (state, over) => rowsSegment(branchRows(state), over?.bias as FloatTensor | undefined),
  shared: ({ trunk }) => trunk,
  branchOf: 'inputsEmbeds',
  inputs,
  servedBy: 'cache',
}

const weighted = ({ weight, state, ref }: SiteTerm): { state: SiteState; ref?: string } => ({
  state: weight === 1 ? state : promptDelta.scale(state, weight),
  ref,
})

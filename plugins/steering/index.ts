import { definePlugin, normal, type Param, param, zeros } from '@weft/methods'
import { config, layersOf } from './config.ts'
import { fromPairs } from './from-pairs.ts'

/** A steering vector (Turner et al. 2023; Rimsky et al. 2024), trained by gradient or computed from contrastive pairs: what is added to the residual stream behind layers, at every position. */
export const steering = definePlugin({
  id: 'steering',
  description: 'A vector, or a low-rank edit, added to the residual stream behind chosen layers.',
  paper: 'https://arxiv.org/abs/2312.06681',
  sites: ['residual'],
  config,
  params: (config, { numLayers, hiddenSize: H }): Record<string, Param> =>
    Object.fromEntries(
      layersOf(config, numLayers).flatMap((layer): [string, Param][] => [
        [`${layer}.vector`, param([H], zeros)],
        ...(config.rank === 0
          ? []
          : ([
              [`${layer}.a`, param([config.rank, H], normal(H ** -0.5))],
              [`${layer}.b`, param([H, config.rank], zeros)],
            ] as [string, Param][])),
      ]),
    ),
  encode: (_, params) => ({ residual: params }),
  fromPairs,
  decode: ({ residual }) => residual,
})

export default steering

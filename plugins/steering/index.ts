import { type FloatTensor, WeftError } from '@weft/adapters'
import { definePlugin, normal, type Param, param, zeros } from '@weft/methods'
import * as z from 'zod/mini'

const config = z.strictObject({
  /** Behind which layers, counted from 0; all of them when null. */
  layers: z._default(z.nullable(z.array(z.int().check(z.gte(0), z.lte(4095))).check(z.minLength(1), z.maxLength(4096))), null),
  /** Rank of an edit B·A·x beside the vector; 0 for the vector alone. */
  rank: z._default(z.int().check(z.gte(0), z.lte(1024)), 0),
})
type Config = z.infer<typeof config>

const layerMissing = (layer: number, count: number) =>
  new WeftError('layer_missing', `There is no layer ${layer}: this model's layers are 0 to ${count - 1}. Name layers among them, or none for all.`, {
    param: 'method.steering.layers',
    details: { layer, layers: count },
  })

/** The layers that are steered, each once, in order. Error 400 `layer_missing`. */
const layersOf = ({ layers }: Config, count: number): number[] => {
  const missing = layers?.find((layer) => layer >= count)
  if (missing !== undefined) throw layerMissing(missing, count)
  return layers === null ? Array.from({ length: count }, (_, layer) => layer) : [...new Set(layers)].sort((a, b) => a - b)
}

/** A steering vector (Turner et al. 2023; Rimsky et al. 2024), trained by gradient: what is added to the residual stream behind layers, at every position. */
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
  decode: ({ residual }) => residual as Record<string, FloatTensor>,
})

export default steering

import { WeftError } from '@weft/adapters'
import type { FromPairs } from '@weft/methods'
import { type Config, layersOf } from './config.ts'

/** Where behaviours are steered best, as a share of the depth: layer 13 of Llama 2's 32 (Rimsky et al. 2024, §4). */
const DEPTH = 0.4

const rankFromPairs = (rank: number) =>
  new WeftError('rank_from_pairs', `Pairs give a vector, and no edit of rank ${rank}. Leave rank out, or learn the edit from rows of text.`, {
    param: 'method.steering.rank',
    details: { rank },
  })

/**
 * Contrastive activation addition: each layer's vector is the mean difference of the stream behind it. One layer unless the config names some: what a layer
 * adds is in the difference behind every later one too, so that vectors behind many layers add up to far more than the difference. Error 400 `rank_from_pairs`.
 */
export const fromPairs: FromPairs<Config> = {
  layers: (config, { numLayers }) => {
    if (config.rank > 0) throw rankFromPairs(config.rank)
    return config.layers === null ? [Math.floor(DEPTH * numLayers)] : layersOf(config, numLayers)
  },
  config: (config, layers) => ({ ...config, layers: [...layers] }),
  params: (differences) => Object.fromEntries([...differences].map(([layer, vector]) => [`${layer}.vector`, vector])),
}

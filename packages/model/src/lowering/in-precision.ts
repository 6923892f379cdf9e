import { computeIn, type Graph } from '@weft/graph'
import type { ModelShape } from '../architectures/architecture.ts'

/**
 * A model's graph, built in float32, computed as the model's precision says. The key/value cache is held in it; embeddings enter the
 * residual stream in it, and so every product is in it. Everything else at the border stays float32: masks, angles, parameters, adapters, gradients, logits, losses.
 */
export function inPrecision(graph: Graph, { precision, architecture, config, spec }: ModelShape): Graph {
  if (precision === undefined || precision.compute === 'float32') return graph
  // Where every weight is trained, the residual stream starts at a parameter.
  const table = `params.${architecture.embedding(config)}`
  const entersStream = (name: string): boolean => name === 'inputs_embeds' || name === table || name.endsWith(`.${table}`)
  // An encoder-decoder's cache is the host's.
  const isCache = (name: string): boolean => !spec.encoderDecoder && /^(past_key_values|present)\./.test(name)
  return computeIn(graph, precision.compute, {
    input: (name) => (isCache(name) ? 'declared' : entersStream(name) ? 'narrowed' : 'wide'),
    output: isCache,
  })
}

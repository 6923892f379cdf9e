import type { ModelSpec } from '@weft/adapters'
import type { DecoderSizes } from './decoder-config.ts'
import { type DecoderLinears, decoderLayers, decoderModules, decoderProjections, decoderRoles, EMBEDDING, FINAL_NORM, LM_HEAD } from './decoder-modules.ts'

/** What tells the weights of one decoder from another's. */
export interface DecoderWeights extends DecoderLinears {
  /** Norms of the stream in each layer, in order; weights `[H]`. */
  norms: readonly string[]
  /** A norm over queries and one over keys: over each head, weights `[D]`; or over all heads together, weights `[N·D]` and `[K·D]`. */
  headNorm?: 'each' | 'together'
}

/** The weight that turns what comes out of the last layer into logits; null where the checkpoint has none. */
export const decoderOutput = (c: Pick<DecoderSizes, 'tieWordEmbeddings' | 'headless'>): string | null =>
  c.headless ? null : c.tieWordEmbeddings ? EMBEDDING : LM_HEAD

/** Shapes of every weight by its name, in the order of the forward pass. */
export function decoderWeights(c: DecoderSizes, { norms, headNorm, ...linears }: DecoderWeights): Record<string, number[]> {
  const shapes: Record<string, number[]> = { [EMBEDDING]: [c.vocabSize, c.hiddenSize] }
  for (const at of decoderLayers(c)) {
    for (const [name, out, input, bias] of decoderProjections(c, linears)) {
      shapes[`${at}.${name}.weight`] = [out, input]
      if (bias) shapes[`${at}.${name}.bias`] = [out]
    }
    if (headNorm)
      for (const [half, heads] of [
        ['q', c.numHeads],
        ['k', c.numKeyValueHeads],
      ] as const)
        shapes[`${at}.self_attn.${half}_norm.weight`] = [headNorm === 'each' ? c.headDim : heads * c.headDim]
    for (const norm of norms) shapes[`${at}.${norm}.weight`] = [c.hiddenSize]
  }
  shapes[`${FINAL_NORM}.weight`] = [c.hiddenSize]
  if (decoderOutput(c) === LM_HEAD) shapes[LM_HEAD] = [c.vocabSize, c.hiddenSize]
  return shapes
}

/** What methods and sites are told of a decoder. @param tasks beside generating, which a checkpoint without an output projection cannot */
export const decoderSpec = (architecture: string, c: DecoderSizes, weights: DecoderWeights, tasks: ModelSpec['tasks']): ModelSpec => ({
  architecture,
  hiddenSize: c.hiddenSize,
  intermediateSize: c.intermediateSize,
  numLayers: c.numLayers,
  numHeads: c.numHeads,
  numKeyValueHeads: c.numKeyValueHeads,
  headDim: c.headDim,
  vocabSize: c.vocabSize,
  maxPositions: c.maxPositions,
  weights: decoderWeights(c, weights),
  modules: decoderModules(c, weights),
  roles: decoderRoles(weights),
  tasks: c.headless ? tasks : ['CAUSAL_LM', ...tasks],
  classifier: { module: 'score', bias: false, dense: false },
})

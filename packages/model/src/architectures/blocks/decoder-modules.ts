import type { ModuleRoles } from '@weft/adapters'
import type { DecoderSizes } from './decoder-config.ts'

export const EMBEDDING = 'model.embed_tokens.weight'
export const FINAL_NORM = 'model.norm'
export const LM_HEAD = 'lm_head.weight'

/** Names of the blocks, and what stands before their parts' names. */
export const decoderLayers = (c: Pick<DecoderSizes, 'numLayers'>): string[] => Array.from({ length: c.numLayers }, (_, layer) => `model.layers.${layer}`)

/** A block's linear layers: attention over q, k, v and a gated feed-forward. `outputBias` is as `attentionBias` when absent. */
export const decoderProjections = (c: DecoderSizes, outputBias = c.attentionBias): [name: string, out: number, input: number, bias: boolean][] => [
  ['self_attn.q_proj', c.numHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.k_proj', c.numKeyValueHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.v_proj', c.numKeyValueHeads * c.headDim, c.hiddenSize, c.attentionBias],
  ['self_attn.o_proj', c.hiddenSize, c.numHeads * c.headDim, outputBias],
  ['mlp.gate_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
  ['mlp.up_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
  ['mlp.down_proj', c.hiddenSize, c.intermediateSize, c.mlpBias],
]

/** All of them, `[out, in]` by module name. */
export const decoderModules = (c: DecoderSizes, outputBias?: boolean): Record<string, [out: number, input: number]> =>
  Object.fromEntries(decoderLayers(c).flatMap((at) => decoderProjections(c, outputBias).map(([name, out, input]) => [`${at}.${name}`, [out, input]])))

export const decoderRoles: ModuleRoles = {
  attention: { query: 'q_proj', key: 'k_proj', value: 'v_proj', output: 'o_proj' },
  feedForward: { gate: 'gate_proj', up: 'up_proj', down: 'down_proj' },
}

/** The checkpoint of a decoder without the model around it (`LlamaModel`, as embedding models have it) lacks what stands before every name. */
export const BARE_EMBEDDING = 'embed_tokens.weight'
export const decoderAlias = (name: string): string => (/^(embed_tokens|layers|norm)\./.test(name) ? `model.${name}` : name)

/** A tied head is often stored twice; rotary tables are computed; a classifier on top is not the base model's. */
export const ignoredByDecoders = (c: Pick<DecoderSizes, 'tieWordEmbeddings'>, name: string): boolean =>
  (name === LM_HEAD && c.tieWordEmbeddings) || name.endsWith('.rotary_emb.inv_freq') || /^score\.(weight|bias)$/.test(name)

import type { ModuleRoles } from '@weft/adapters'
import type { DecoderSizes } from './decoder-config.ts'

export const EMBEDDING = 'model.embed_tokens.weight'
export const FINAL_NORM = 'model.norm'
export const LM_HEAD = 'lm_head.weight'

/** Names of the blocks, and what stands before their parts' names. */
export const decoderLayers = (c: Pick<DecoderSizes, 'numLayers'>): string[] => Array.from({ length: c.numLayers }, (_, layer) => `model.layers.${layer}`)

/** What tells the linear layers of one decoder's block from another's. */
export interface DecoderLinears {
  /** Whether attention's output projection has a bias; as the others when absent. */
  outputBias?: boolean
  /** Queries, keys and values are one layer, in this order, and gate and up are another. */
  fused?: true
}

type Projection = [name: string, out: number, input: number, bias: boolean]

/** Widths of what attention reads: queries, keys, values. */
export const queryKeyValueWidths = (c: DecoderSizes): [q: number, k: number, v: number] => {
  const keys = c.numKeyValueHeads * c.headDim
  return [c.numHeads * c.headDim, keys, keys]
}

/** A block's linear layers: attention over q, k, v and a gated feed-forward. */
export function decoderProjections(c: DecoderSizes, { outputBias = c.attentionBias, fused }: DecoderLinears = {}): Projection[] {
  const [q, k, v] = queryKeyValueWidths(c)
  const attention: Projection[] = fused
    ? [['self_attn.qkv_proj', q + k + v, c.hiddenSize, c.attentionBias]]
    : [
        ['self_attn.q_proj', q, c.hiddenSize, c.attentionBias],
        ['self_attn.k_proj', k, c.hiddenSize, c.attentionBias],
        ['self_attn.v_proj', v, c.hiddenSize, c.attentionBias],
      ]
  const feedForward: Projection[] = fused
    ? [['mlp.gate_up_proj', 2 * c.intermediateSize, c.hiddenSize, c.mlpBias]]
    : [
        ['mlp.gate_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
        ['mlp.up_proj', c.intermediateSize, c.hiddenSize, c.mlpBias],
      ]
  return [...attention, ['self_attn.o_proj', c.hiddenSize, q, outputBias], ...feedForward, ['mlp.down_proj', c.hiddenSize, c.intermediateSize, c.mlpBias]]
}

/** All of them, `[out, in]` by module name. */
export const decoderModules = (c: DecoderSizes, linears: DecoderLinears): Record<string, [out: number, input: number]> =>
  Object.fromEntries(decoderLayers(c).flatMap((at) => decoderProjections(c, linears).map(([name, out, input]) => [`${at}.${name}`, [out, input]])))

export const decoderRoles = ({ fused }: DecoderLinears): ModuleRoles => ({
  attention: { ...(fused ? { queryKeyValue: 'qkv_proj' } : { query: 'q_proj', key: 'k_proj', value: 'v_proj' }), output: 'o_proj' },
  feedForward: { ...(!fused && { gate: 'gate_proj', up: 'up_proj' }), down: 'down_proj' },
})

/** The checkpoint of a decoder without the model around it (`LlamaModel`, as embedding models have it) lacks what stands before every name. */
export const BARE_EMBEDDING = 'embed_tokens.weight'
export const decoderAlias = (name: string): string => (/^(embed_tokens|layers|norm)\./.test(name) ? `model.${name}` : name)

/** A tied head is often stored twice; rotary tables are computed; a classifier on top is not the base model's. */
export const ignoredByDecoders = (c: Pick<DecoderSizes, 'tieWordEmbeddings'>, name: string): boolean =>
  (name === LM_HEAD && c.tieWordEmbeddings) || name.endsWith('.rotary_emb.inv_freq') || /^score\.(weight|bias)$/.test(name)

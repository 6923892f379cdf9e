import type { TensorEntry } from '../checkpoint/header.ts'
import type { GgufArchitecture } from './architectures.ts'

const WHOLE: Readonly<Record<string, string>> = { token_embd: 'model.embed_tokens', output_norm: 'model.norm', output: 'lm_head' }

const PARTS: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
}

/** Where one tensor is what several are elsewhere. */
const FUSED: Readonly<Record<string, string>> = { attn_qkv: 'self_attn.qkv_proj', ffn_up: 'mlp.gate_up_proj' }

const BEHIND: Readonly<Record<string, string>> = { ...PARTS, post_attention_norm: 'post_attention_layernorm', post_ffw_norm: 'post_feedforward_layernorm' }

/** By where the norms of a block stand. */
const PARTS_BY_NORMS: Readonly<Record<NonNullable<GgufArchitecture['norms']>, Readonly<Record<string, string>>>> = {
  before: PARTS,
  behind: BEHIND,
  both: { ...BEHIND, ffn_norm: 'pre_feedforward_layernorm' },
}

/** Hugging Face's name of one of llama.cpp's tensors; its own where there is none. */
export function tensorName(name: string, { norms = 'before', fused }: Pick<GgufArchitecture, 'norms' | 'fused'>): string {
  const [, layer, part, kind] = name.match(/^blk\.(\d+)\.(\w+)\.(weight|bias)$/) ?? []
  if (layer !== undefined) {
    const known = (fused && FUSED[part]) ?? PARTS_BY_NORMS[norms][part]
    return known ? `model.layers.${layer}.${known}.${kind}` : name
  }
  const [, module, suffix] = name.match(/^(\w+)\.(weight|bias)$/) ?? []
  return module !== undefined && Object.hasOwn(WHOLE, module) ? `${WHOLE[module]}.${suffix}` : name
}

const LINEAR = [...Object.entries(PARTS), ...Object.entries(FUSED)].filter(([, part]) => part.endsWith('_proj'))

/** llama.cpp's name of a linear layer, from Hugging Face's without `.weight`; undefined where it has none. */
export function linearName(module: string): string | undefined {
  const [, layer, part] = module.match(/^model\.layers\.(\d+)\.(.+)$/) ?? []
  const found = LINEAR.find(([, ours]) => ours === part)
  return found && `blk.${layer}.${found[0]}`
}

/** Heads whose rotary halves are interleaved in what llama.cpp stores of this tensor's rows; undefined for rows in order. `name` is Hugging Face's. */
export function interleavedHeads(name: string, { interleavesRotary }: Pick<GgufArchitecture, 'interleavesRotary'>, heads: RotaryHeads): number | undefined {
  const kind = interleavesRotary && name.match(/self_attn\.([qk])_proj\.(weight|bias)$/)?.[1]
  return kind ? (kind === 'q' ? heads.query : heads.key) : undefined
}

interface RotaryHeads {
  query: number
  key: number
}

/** The tensors under Hugging Face's names, with what llama.cpp's converter did to their values. */
export function namedTensors(tensors: ReadonlyMap<string, TensorEntry>, architecture: GgufArchitecture, heads: RotaryHeads): Map<string, TensorEntry> {
  return new Map(
    [...tensors].map(([stored, entry]) => {
      const name = tensorName(stored, architecture)
      const interleaved = interleavedHeads(name, architecture, heads)
      return [
        name,
        {
          ...entry,
          ...(interleaved !== undefined && { interleavedHeads: interleaved }),
          ...(architecture.normsPlusOne && name.endsWith('norm.weight') && { plusOne: true as const }),
        },
      ]
    }),
  )
}

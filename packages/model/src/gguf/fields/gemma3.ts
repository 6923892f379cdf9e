import type { OwnFields } from './own-fields.ts'

const LAYERS_OF_27B = 62

/** Sliding layers, five of six where the file does not say, turn by a base of their own; 27B alone scales scores by the width that its heads would have. */
export const gemma3: OwnFields = (read, key, { hidden, heads, headDim }) => {
  const cap = read.number(key('final_logit_softcapping'))
  const pattern = read.number(key('attention.sliding_window_pattern'))
  return {
    sliding_window: read.neededNumber(key('attention.sliding_window')),
    ...(pattern !== undefined && { sliding_window_pattern: pattern }),
    rope_local_base_freq: read.number(key('rope.freq_base_swa')) ?? 10_000,
    query_pre_attn_scalar: read.number(key('block_count')) === LAYERS_OF_27B ? hidden / heads : headDim,
    ...(cap !== undefined && { final_logit_softcapping: cap }),
  }
}

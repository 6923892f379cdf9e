import { branchRows, rowWidth } from '@weft/adapters'
import { definePlugin, fromRequired, param, requireSite, uniform, zeros } from '@weft/methods'
import * as z from 'zod/mini'

const config = z.strictObject({
  /** The trunk prompt, an adapter with rows: `domain/mail@3`. */
  trunk: z.string().check(z.minLength(1), z.maxLength(256)),
  /** R, the branch's rank. */
  r: z._default(z.int().check(z.gte(1), z.lte(1024)), 8),
  /** The branch counts α/R. */
  alpha: z._default(z.number().check(z.gt(0), z.lte(1e6)), 8),
})

/** Prompt adapter: a low-rank branch `(α/R)·A·B` over a frozen trunk prompt; branches of one trunk add and unplug exactly. */
export const promptAdapter = definePlugin({
  id: 'prompt-adapter',
  description: 'A low-rank branch over a frozen trunk prompt; branches of one trunk add exactly.',
  paper: 'https://arxiv.org/abs/2310.10094',
  sites: ['promptDelta'],
  config,
  requires: ({ trunk }) => [trunk],
  requiredSite: 'inputsEmbeds',
  params: ({ r }, model, required) => {
    const [numRows] = requireSite('prompt-adapter', required, 0, 'inputsEmbeds').state.inputsEmbeds.rows.shape
    return {
      trunk: param([numRows, rowWidth(model)], fromRequired(0, 'inputsEmbeds', 'rows'), { trainable: false }), // [P,H]
      a: param([numRows, r], uniform(-1 / Math.sqrt(r), 1 / Math.sqrt(r))), // [P,R]
      b: param([r, rowWidth(model)], zeros), // [R,H]
    }
  },
  // The scale goes into the stored B, so that branches of different α and R stack without remembering either.
  encode: (g, { trunk, a, b }, { r, alpha }) => ({ promptDelta: { trunk, a, b: g.mul(b, alpha / r) } }),
  peft: {
    // With the branch baked into its trunk, it is an ordinary soft prompt to PEFT; there is no way back.
    peftType: 'PROMPT_TUNING',
    imports: false,
    params: {},
    configFrom: () => ({}),
    configTo: (_, model) => ({
      token_dim: rowWidth(model),
      num_attention_heads: model.numHeads,
      prompt_tuning_init: 'RANDOM',
      prompt_tuning_init_text: null,
      tokenizer_kwargs: null,
      tokenizer_name_or_path: null,
    }),
    stateFrom: () => ({}),
    stateTo: ({ promptDelta }) => ({ prompt_embeddings: branchRows(promptDelta) }),
  },
})

export default promptAdapter

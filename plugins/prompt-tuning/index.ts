import { type FloatTensor, rowWidth } from '@weft/adapters'
import {
  definePlugin,
  fromLabels,
  fromText,
  fromTrainingText,
  fromVocabulary,
  type Initializer,
  normal,
  numTransformerSubmodules,
  param,
  peftTensor,
  readRows,
  refuseUnread,
  rowsFrom,
  rowsTo,
  storedRows,
  submodulesFrom,
} from '@weft/methods'
import * as z from 'zod/mini'

/** PEFT's own spellings, and snake_case, mean the same. */
const peftSpellings: Record<string, string> = {
  RANDOM: 'random',
  SAMPLE_VOCAB: 'sampledVocab',
  TEXT: 'text',
  sampled_vocab: 'sampledVocab',
  class_labels: 'classLabels',
  training_text: 'trainingText',
}

const config = z
  .strictObject({
    /** P */
    numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(4096)), 20),
    /** Where the rows start from. Real embeddings train better than noise. */
    promptTuningInit: z._default(
      z.pipe(
        z.transform((name) => peftSpellings[String(name)] ?? name),
        z.enum(['sampledVocab', 'trainingText', 'text', 'classLabels', 'random']),
      ),
      'trainingText',
    ),
    /** The text whose embeddings are tiled over the rows (`text`). */
    promptTuningInitText: z.optional(z.string().check(z.minLength(1), z.maxLength(65_536))),
    /** 2 keeps the rows that PEFT stores for an encoder-decoder and nobody reads. */
    numTransformerSubmodules,
  })
  .check(
    z.refine((c) => c.promptTuningInit !== 'text' || c.promptTuningInitText !== undefined, {
      path: ['promptTuningInitText'],
      error: 'promptTuningInit "text" needs promptTuningInitText',
    }),
  )

type Config = z.infer<typeof config>

const initializer = ({ promptTuningInit, promptTuningInitText }: Config): Initializer =>
  ({
    sampledVocab: () => fromVocabulary(),
    trainingText: () => fromTrainingText(),
    text: () => fromText(promptTuningInitText!),
    classLabels: () => fromLabels(),
    random: () => normal(1),
  })[promptTuningInit]()

const peftInits = { sampledVocab: 'SAMPLE_VOCAB', trainingText: 'RANDOM', text: 'TEXT', classLabels: 'RANDOM', random: 'RANDOM' } as const

/** Prompt tuning (Lester et al. 2021): trainable rows before the token embeddings. */
export const promptTuning = definePlugin({
  id: 'prompt-tuning',
  description: 'Trainable rows before the token embeddings; the smallest adapter.',
  paper: 'https://arxiv.org/abs/2104.08691',
  sites: ['inputsEmbeds'],
  hyperparameters: { learningRate: 3e-2 },
  searchSpace: { learningRate: [1e-2, 3e-2, 1e-1], setting: { name: 'numVirtualTokens', values: [5, 10, 20] } },
  config,
  params: (config, model) => ({
    embedding: param([storedRows(config.numVirtualTokens, config), rowWidth(model)], initializer(config)), // [P,H]
  }),
  asked: (config) => refuseUnread('prompt-tuning', config, 'promptTuningInitText', 'promptTuningInit', 'text'),
  encode: (g, { embedding }, { numVirtualTokens }) => ({ inputsEmbeds: { rows: readRows(g, embedding, numVirtualTokens) } }),
  peft: {
    peftType: 'PROMPT_TUNING',
    params: { embedding: 'prompt_encoder.default.embedding.weight' },
    start: {
      fields: ['promptTuningInit', 'promptTuningInitText'],
      of: ({ promptTuningInit, promptTuningInitText }) => {
        if (promptTuningInit === 'text') return { from: 'text', text: promptTuningInitText! }
        return promptTuningInit === 'trainingText' ? { from: 'training_text' } : promptTuningInit === 'sampledVocab' ? { from: 'vocabulary' } : undefined
      },
    },
    configFrom: (peft) => ({
      numVirtualTokens: peft.num_virtual_tokens,
      promptTuningInit: peft.prompt_tuning_init ?? 'random',
      ...submodulesFrom(peft),
      ...(typeof peft.prompt_tuning_init_text === 'string' ? { promptTuningInitText: peft.prompt_tuning_init_text } : {}),
    }),
    configTo: (config, model) => ({
      token_dim: rowWidth(model),
      num_attention_heads: model.numHeads,
      prompt_tuning_init: peftInits[config.promptTuningInit],
      prompt_tuning_init_text: config.promptTuningInitText ?? null,
      tokenizer_kwargs: null,
      tokenizer_name_or_path: null,
    }),
    stateFrom: (tensors, config) => ({ inputsEmbeds: { rows: rowsFrom(peftTensor(tensors, 'prompt_embeddings'), config) } }),
    stateTo: ({ inputsEmbeds: { rows } }, _, model) => ({ prompt_embeddings: rowsTo(rows as FloatTensor, model) }),
  },
})

export default promptTuning

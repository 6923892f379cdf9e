import { z } from 'zod'
import { parseWith } from '../../config.ts'
import { invalidConfig, unsupportedConfig } from '../../errors.ts'
import { type Activation, activationOf } from './activation.ts'

const size = z.int('a whole number expected').positive('a whole number of at least 1 expected')

/** What config.json says of BERT and what came of it; what it leaves out is BERT's own default. */
const schema = z.looseObject({
  vocab_size: size,
  hidden_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  intermediate_size: size,
  hidden_act: z.string().default('gelu'),
  max_position_embeddings: size,
  type_vocab_size: size.default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  pad_token_id: z.int('a whole number expected').min(0).nullish(),
  position_embedding_type: z.string().default('absolute'),
  is_decoder: z.boolean().default(false),
  add_cross_attention: z.boolean().default(false),
  initializer_range: z.number().positive().default(0.02),
})

export interface EncoderConfig {
  vocabSize: number
  hiddenSize: number
  numLayers: number
  numHeads: number
  intermediateSize: number
  activation: Activation
  /** Rows of the table of token types; 0 where there is none. */
  typeVocabSize: number
  layerNormEps: number
  initializerRange: number
  /** Rows of the position table, those that no token has included. */
  positionRows: number
  /** The row of position 0. */
  firstPosition: number
  /** Whether there is a pooler: a dense layer with tanh over the first position. */
  pooler: boolean
  /** Width of embeddings, where it is not the model's: a linear layer leads to that. */
  embeddingSize?: number
  /** Rows of the table of biases by distance, where there is one. */
  biasRows?: number
}

/** @param firstPosition from `pad_token_id`, null where config.json has none. Throws `invalid_config` and `unsupported_config`, naming `where`. */
export function encoderConfig(
  json: unknown,
  where: string,
  { firstPosition, pooler }: { firstPosition(padTokenId: number | null): number; pooler: boolean },
): EncoderConfig {
  const c = parseWith(schema, json, where)
  if (c.hidden_size % c.num_attention_heads)
    throw invalidConfig(where, `hidden_size ${c.hidden_size} is no multiple of num_attention_heads ${c.num_attention_heads}.`)
  if (c.position_embedding_type !== 'absolute') throw unsupportedConfig('position_embedding_type', c.position_embedding_type, '"absolute"')
  if (c.is_decoder || c.add_cross_attention) throw unsupportedConfig(c.is_decoder ? 'is_decoder' : 'add_cross_attention', true, 'false, an encoder by itself')
  const first = firstPosition(c.pad_token_id ?? null)
  if (first >= c.max_position_embeddings) {
    throw invalidConfig(where, `max_position_embeddings ${c.max_position_embeddings} leaves no position after pad_token_id ${c.pad_token_id}.`)
  }
  return {
    vocabSize: c.vocab_size,
    hiddenSize: c.hidden_size,
    numLayers: c.num_hidden_layers,
    numHeads: c.num_attention_heads,
    intermediateSize: c.intermediate_size,
    activation: activationOf('hidden_act', c.hidden_act),
    typeVocabSize: c.type_vocab_size,
    layerNormEps: c.layer_norm_eps,
    initializerRange: c.initializer_range,
    positionRows: c.max_position_embeddings,
    firstPosition: first,
    pooler,
  }
}

import type { FloatTensor, ModelSpec } from '@weft/adapters'
import {
  definePlugin,
  fromPrefixStart,
  type Initializer,
  kaimingUniform,
  normal,
  numTransformerSubmodules,
  type Param,
  param,
  peftTensor,
  prefixFrom,
  prefixStart,
  prefixStartSaid,
  prefixTo,
  prefixToRows,
  readLayer,
  refuseUnread,
  rowsOfPrefix,
  rowsToPrefix,
  submodulesFrom,
} from '@weft/methods'
import * as z from 'zod/mini'

const config = z
  .strictObject({
    /** P */
    numVirtualTokens: z._default(z.int().check(z.gte(1), z.lte(4096)), 20),
    /** Train a two-layer network that makes the prefix, instead of the prefix itself. */
    prefixProjection: z._default(z.boolean(), false),
    /** Hidden size of that network; the keys' width K·D when absent, as PEFT has it. */
    encoderHiddenSize: z.optional(z.int().check(z.gte(1), z.lte(65_536))),
    /** Of a flat prefix. */
    ...prefixStart(),
    /** 2 has an encoder-decoder's layers read the prefix as PEFT has them read it: half of an even number of layers never. */
    numTransformerSubmodules,
  })
  .check(prefixStartSaid)

type Config = z.infer<typeof config>

/** Width of one virtual token's keys and values over all layers, and of one layer's keys. */
const widths = (model: ModelSpec): { all: number; one: number } => {
  const one = model.numKeyValueHeads * model.headDim
  return { all: model.numLayers * 2 * one, one }
}

const flatInitializer = (config: Config, { numLayers: L, numKeyValueHeads: K, headDim: D }: ModelSpec): Initializer => {
  const ofPrefix = fromPrefixStart(config)
  // Noise is the same in any order, and is drawn in that of the rows.
  if (config.prefixInit === 'random') return ofPrefix
  return async (context, [P]) => prefixToRows(await ofPrefix(context, [L, 2, K, P, D]), [L, 2, K, P, D])
}

/** Prefix tuning (Li & Liang 2021): trainable keys and values before every layer's own. */
export const prefixTuning = definePlugin({
  id: 'prefix-tuning',
  description: "Trainable keys and values before every layer's own; parallel-prefix is the one that is made to be combined.",
  paper: 'https://arxiv.org/abs/2101.00190',
  sites: ['keyValue'],
  hyperparameters: { learningRate: 1e-2 },
  searchSpace: { learningRate: [3e-3, 1e-2, 3e-2], setting: { name: 'numVirtualTokens', values: [5, 10, 20] } },
  config,
  params: (config, model): Record<string, Param> => {
    const { all, one } = widths(model)
    const P = config.numVirtualTokens
    if (!config.prefixProjection) return { embedding: param([P, all], flatInitializer(config, model)) }
    const E = config.encoderHiddenSize ?? one
    // torch's layout, [out, in], so that PEFT's parameters are ours.
    return {
      embedding: param([P, one], normal(1)),
      hiddenWeight: param([E, one], kaimingUniform()),
      hiddenBias: param([E], kaimingUniform(one)),
      outputWeight: param([all, E], kaimingUniform()),
      outputBias: param([all], kaimingUniform(E)),
    }
  },
  asked: (config) => {
    refuseUnread('prefix-tuning', config, 'prefixInitText', 'prefixProjection', 'false')
    refuseUnread('prefix-tuning', config, 'prefixInitText', 'prefixInit', 'text')
    refuseUnread('prefix-tuning', config, 'encoderHiddenSize', 'prefixProjection', 'true')
  },
  encode: (g, { embedding, hiddenWeight, hiddenBias, outputWeight, outputBias }, config, model) => {
    const { numLayers: L, numKeyValueHeads: K, headDim: D } = model
    const P = config.numVirtualTokens
    const hidden = config.prefixProjection ? g.tanh(g.gemm(embedding, hiddenWeight, { c: hiddenBias, transB: true })) : embedding // [P,E]
    const rows = config.prefixProjection ? g.gemm(hidden, outputWeight, { c: outputBias, transB: true }) : hidden // [P,L*2*K*D]
    const prefix = g.transpose(g.reshape(rows, [P, L, 2, K, D]), [1, 2, 3, 0, 4]) // [L,2,K,P,D]
    if (config.numTransformerSubmodules !== 2 || L === 1) return { keyValue: { prefix } }
    const stored = g.split(prefix, Array<number>(L).fill(1), 0)
    return {
      keyValue: {
        prefix: g.concat(
          stored.map((_, layer) => stored[readLayer(layer, L)]),
          0,
        ),
      },
    }
  },
  // A flat prefix is its parameter in another order.
  decode: ({ keyValue: { prefix } }, { prefixProjection, numTransformerSubmodules: submodules }) =>
    prefixProjection || submodules === 2 ? undefined : { embedding: rowsOfPrefix(prefix) },
  peft: {
    peftType: 'PREFIX_TUNING',
    trainingOnly: ['init_weights'],
    start: {
      fields: ['prefixInit', 'prefixInitText'],
      of: ({ prefixInit, prefixInitText, prefixProjection }) => {
        if (prefixProjection || prefixInit === 'random') return undefined
        return prefixInit === 'text' ? { from: 'text', text: prefixInitText! } : { from: prefixInit === 'vocab' ? 'vocabulary' : 'training_text' }
      },
    },
    params: {
      embedding: 'prompt_encoder.default.embedding.weight',
      hiddenWeight: 'prompt_encoder.default.transform.0.weight',
      hiddenBias: 'prompt_encoder.default.transform.0.bias',
      outputWeight: 'prompt_encoder.default.transform.2.weight',
      outputBias: 'prompt_encoder.default.transform.2.bias',
    },
    configFrom: (peft) => ({
      numVirtualTokens: peft.num_virtual_tokens,
      prefixProjection: peft.prefix_projection ?? false,
      // Without a network it is there as well.
      ...(typeof peft.encoder_hidden_size === 'number' && peft.prefix_projection ? { encoderHiddenSize: peft.encoder_hidden_size } : {}),
      prefixInit: 'random',
      ...submodulesFrom(peft),
    }),
    // PEFT calls the key/value width `token_dim` and counts key/value heads.
    configTo: (config, model) => ({
      token_dim: widths(model).one,
      num_attention_heads: model.numKeyValueHeads,
      prefix_projection: config.prefixProjection,
      encoder_hidden_size: config.encoderHiddenSize ?? widths(model).one,
      init_weights: null,
    }),
    stateFrom: (tensors, config, model) => {
      const stored = rowsToPrefix(peftTensor(tensors, 'prompt_embeddings'), model)
      return { keyValue: { prefix: config.numTransformerSubmodules === 2 ? prefixFrom(stored) : stored } }
    },
    stateTo: ({ keyValue: { prefix } }, _, model) => ({
      prompt_embeddings: rowsOfPrefix(model.encoderDecoder ? prefixTo(prefix as FloatTensor, 'prefix-tuning') : prefix),
    }),
  },
})

export default prefixTuning

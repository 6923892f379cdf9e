import type { SiteValues } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { definePlugin, param, zeros } from '@weft/methods'
import { AttentionInputs, type LoadedModel, modelShape, RandomWeights } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { GraphEngine } from './engine.ts'
import type { TrainingProgram } from './graph.ts'
import { keyValuesOf } from './key-values.ts'

const llama = {
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 4,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
  vocab_size: 31,
}
/** The second with windows in which part of the prefix is seen; its last layer is the only one that sees everything. */
const configs = {
  llama,
  gemma3_text: { ...llama, model_type: 'gemma3_text', query_pre_attn_scalar: 4, sliding_window: 3, sliding_window_pattern: 3 },
}

/** A prefix as it is, or nothing: enough to see what a prefix does. */
const bare = definePlugin({
  id: 'bare-prefix',
  sites: ['keyValue'],
  config: z.object({ P: z.int() }),
  params: ({ P }, { numLayers: L, numKeyValueHeads: K, headDim: D }) => ({ prefix: param(P > 0 ? [L, 2, K, P, D] : [1], zeros) }),
  encode: (_, { prefix }, { P }): SiteValues => (P > 0 ? { keyValue: { prefix } } : {}),
})

test.each(Object.entries(configs))('%s: a prefix of real tokens’ keys and values is those tokens in front of the text', async (modelType, json) => {
  const shape = modelShape({ modelType, json })
  const model = { ...shape, name: 'tiny', weights: new RandomWeights(shape.spec.weights, { seed: 1, std: 0.4 }) } as unknown as LoadedModel
  using runtime = openRuntime()
  using weights = await baseWeights(runtime, model)
  const attention = new AttentionInputs(shape)
  const [before, text] = [
    [5, 9, 2, 17],
    [3, 8, 30, 11, 6],
  ]
  const lossOf = async (P: number, prefix: Float32Array, tokens: number[], learned: number): Promise<number> => {
    const program: TrainingProgram = {
      model: shape,
      plugin: bare,
      config: { P },
      params: bare.params({ P }, shape.spec, []),
      task: 'CAUSAL_LM',
      numLabels: 0,
      headBias: false,
    }
    using engine = new GraphEngine({ program, runtime, weights, attention, values: { prefix } })
    const row = { tokens: Uint32Array.from(tokens), weights: new Float32Array(tokens.length).fill(1, tokens.length - learned), rowWeight: 1 }
    return await engine.loss(tokenBatch([row], { rows: 1, length: tokens.length, lossRows: learned }), 1 / learned)
  }
  const prefix = await keyValuesOf(before, { model, runtime, session: { weights }, attention })
  const inFront = await lossOf(0, new Float32Array(1), [...before, ...text], text.length - 1)
  expect(await lossOf(before.length, prefix, text, text.length - 1)).toBeCloseTo(inFront, 5)
  expect(await lossOf(0, new Float32Array(1), text, text.length - 1)).not.toBeCloseTo(inFront, 2)
})

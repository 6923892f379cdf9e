import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rawConfig } from '../../config.ts'
import { loadModel } from '../../load.ts'
import { inferenceGraph } from '../../lowering/inference.ts'
import { float32, writeSafetensors } from '../../testing/safetensors.ts'
import { temporaryFolder, tinyTensors, writeTinyModel } from '../../testing/tiny-llama.ts'
import { modelShape } from '../architectures.ts'
import { gpt2 } from './gpt2.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })
const tiny = { model_type: 'gpt2', vocab_size: 258, n_positions: 32, n_embd: 16, n_layer: 2, n_head: 2, initializer_range: 0.3 }

test('what config.json leaves out is GPT-2 small', () => {
  expect(gpt2.spec(gpt2.config({ model_type: 'gpt2' }))).toMatchObject({
    hiddenSize: 768,
    intermediateSize: 3072,
    numLayers: 12,
    numHeads: 12,
    numKeyValueHeads: 12,
    headDim: 64,
    vocabSize: 50_257,
    maxPositions: 1024,
    modules: { 'transformer.h.11.attn.c_attn': [2304, 768], 'transformer.h.0.mlp.c_proj': [768, 3072] },
  })
  const count = Object.values(gpt2.weights(gpt2.config({}))).reduce((sum, shape) => sum + shape.reduce((n, d) => n * d, 1), 0)
  expect(count).toBe(124_439_808)
})

test('options of a config are told apart by the fingerprint, spellings of one function are not', () => {
  expect(gpt2.config({ activation_function: 'gelu_pytorch_tanh' })).toEqual(gpt2.config({}))
  expect(gpt2.config({ n_inner: 40, activation_function: 'relu', tie_word_embeddings: false })).toMatchObject({ intermediateSize: 40, activation: 'relu' })
  expect(gpt2.weights(gpt2.config({ ...tiny, tie_word_embeddings: false }))['lm_head.weight']).toEqual([258, 16])
  const classifier = gpt2.spec(gpt2.config({ ...tiny, tie_word_embeddings: false, architectures: ['GPT2ForSequenceClassification'] }))
  expect(classifier.weights).not.toHaveProperty(['lm_head.weight'])
  expect(classifier.tasks).toEqual(['SEQ_CLS', 'TOKEN_CLS'])
})

test('a config that makes no model is refused', () => {
  expect(() => gpt2.config({ ...tiny, n_head: 3 })).toThrowError(coded('invalid_config', 'no multiple of n_head'))
  expect(() => gpt2.config({ ...tiny, n_layer: 0 })).toThrowError(coded('invalid_config', 'n_layer'))
  expect(() => gpt2.config({ ...tiny, activation_function: 'mish' })).toThrowError(
    coded('unsupported_config', 'activation_function "mish" is not supported; supported: "gelu"'),
  )
  expect(() => gpt2.config({ ...tiny, add_cross_attention: true })).toThrowError(coded('unsupported_config', 'add_cross_attention'))
})

test('older checkpoints, without the prefix and with their masks, are the same model', async () => {
  const tensors = tinyTensors(tiny)
  const { fingerprint } = await loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors }))
  const bare = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name.replace('transformer.', ''), tensor]))
  const mask = float32([1, 1, 32, 32], new Float32Array(1024))
  const older = writeTinyModel(temporaryFolder(), { config: tiny, tensors: { ...bare, 'h.0.attn.bias': mask, 'h.1.attn.masked_bias': float32([1], [-1e4]) } })
  const model = await loadModel(older)
  expect(model.fingerprint).toBe(fingerprint)
  expect(model.weights.names).toEqual(Object.keys(tensors))
  expect(
    (
      await loadModel(
        writeTinyModel(temporaryFolder(), {
          config: tiny,
          tensors: { ...tensors, 'lm_head.weight': tensors['transformer.wte.weight'], 'score.weight': tensors['transformer.ln_f.bias'] },
        }),
      )
    ).fingerprint,
  ).toBe(fingerprint)
})

test('a tensor that no name accounts for is no alias', async () => {
  const folder = writeTinyModel(temporaryFolder(), { config: tiny })
  writeSafetensors(join(folder, 'model.safetensors'), { ...tinyTensors(tiny), 'h.0.crossattention.c_attn.weight': float32([1], [1]) })
  await expect(loadModel(folder)).rejects.toThrowError(coded('extra_tensors', 'transformer.h.0.crossattention'))
  const twice = tinyTensors(tiny)
  writeSafetensors(join(folder, 'model.safetensors'), { ...twice, 'wte.weight': twice['transformer.wte.weight'] })
  await expect(loadModel(folder)).rejects.toThrowError(coded('extra_tensors', ': wte.weight'))
})

test('heads without a kernel make no inference graph', async () => {
  const file = join(temporaryFolder(), 'config.json')
  writeFileSync(file, JSON.stringify({ ...tiny, n_embd: 24 }))
  const model = await loadModel(file)
  expect(() => inferenceGraph(model, { output: 'logits' })).toThrowError(coded('unsupported_head_size', 'size 12'))
})

test('attention is scaled as the config says, by its op', () => {
  const scales = (config: object) => {
    const shape = modelShape(rawConfig({ ...tiny, ...config }))
    const { nodes } = inferenceGraph(shape, { output: 'hidden' })
    return nodes.filter(({ op }) => op === 'GroupQueryAttention').map(({ attributes }) => attributes.scale)
  }
  expect(scales({})).toEqual([1 / Math.sqrt(8), 1 / Math.sqrt(8)])
  expect(scales({ scale_attn_by_inverse_layer_idx: true })).toEqual([1 / Math.sqrt(8), 1 / Math.sqrt(8) / 2])
  expect(scales({ scale_attn_weights: false })).toEqual([1, 1])
})

import { adapterHooks } from '@weft/adapters/hooks'
import { GraphBuilder } from '@weft/graph'
import { expect, test } from 'vitest'
import { loadModel } from '../load.ts'
import { inferenceGraph } from '../lowering/inference.ts'
import { trainingForward } from '../lowering/training.ts'
import { float32 } from '../testing/safetensors.ts'
import { temporaryFolder, tinyTensors, writeTinyModel } from '../testing/tiny-llama.ts'
import { bert } from './bert.ts'
import { roberta } from './roberta.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })
const tiny = {
  model_type: 'bert',
  vocab_size: 258,
  hidden_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 24,
  max_position_embeddings: 32,
  initializer_range: 0.3,
}
const base = {
  model_type: 'bert',
  vocab_size: 30_522,
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  max_position_embeddings: 512,
  type_vocab_size: 2,
}
const count = (shapes: Record<string, number[]>) => Object.values(shapes).reduce((sum, shape) => sum + shape.reduce((n, d) => n * d, 1), 0)

test('bert-base is as large as it is, pooler included', () => {
  const spec = bert.spec(bert.config(base))
  expect(spec).toMatchObject({
    architecture: 'bert',
    maxPositions: 512,
    headDim: 64,
    bidirectional: true,
    tasks: ['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION'],
    modules: { 'bert.encoder.layer.11.intermediate.dense': [3072, 768], 'bert.pooler.dense': [768, 768] },
    classifier: { module: 'classifier', pooler: 'bert.pooler.dense', dense: false },
  })
  expect(count(spec.weights)).toBe(109_482_240)
})

test('a roberta counts positions from its padding token on, and has no pooler', () => {
  const spec = roberta.spec(
    roberta.config({ ...base, model_type: 'roberta', vocab_size: 50_265, max_position_embeddings: 514, type_vocab_size: 1, pad_token_id: 1 }),
  )
  expect(spec).toMatchObject({ architecture: 'roberta', maxPositions: 512, classifier: { dense: true } })
  expect(spec.classifier.pooler).toBeUndefined()
  expect(count(spec.weights)).toBe(124_055_040)
  expect(() => roberta.config({ ...tiny, pad_token_id: 31 })).toThrowError(coded('invalid_config', 'no position after pad_token_id 31'))
})

test('spellings of one function are one config, options are told apart', () => {
  expect(bert.config({ ...tiny, hidden_act: 'gelu_pytorch_tanh' })).toEqual(bert.config({ ...tiny, hidden_act: 'gelu_new' }))
  expect(bert.config({ ...tiny, hidden_act: 'relu' })).not.toEqual(bert.config(tiny))
  expect(() => bert.config({ ...tiny, num_attention_heads: 3 })).toThrowError(coded('invalid_config', 'no multiple'))
  expect(() => bert.config({ ...tiny, hidden_act: 'mish' })).toThrowError(coded('unsupported_config', 'hidden_act "mish"'))
  expect(() => bert.config({ ...tiny, position_embedding_type: 'relative_key' })).toThrowError(coded('unsupported_config', 'relative_key'))
  expect(() => bert.config({ ...tiny, is_decoder: true })).toThrowError(coded('unsupported_config', 'is_decoder'))
})

test("sentence encoders without the prefix, TensorFlow's names and heads on top are the same model", async () => {
  const tensors = tinyTensors(tiny)
  const { fingerprint } = await loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors }))
  const renamed = (rename: (name: string) => string) => Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [rename(name), tensor]))
  const bare = renamed((name) => name.replace('bert.', ''))
  const old = renamed((name) => name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'))
  const headed = {
    ...tensors,
    'cls.predictions.bias': float32([258], new Float32Array(258)),
    'classifier.weight': float32([2, 16], new Float32Array(32)),
    'bert.embeddings.position_ids': float32([1, 32], new Float32Array(32)),
  }
  for (const variant of [bare, old, headed]) {
    const model = await loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors: variant }))
    expect(model.fingerprint).toBe(fingerprint)
    expect(model.weights.names).toEqual(Object.keys(tensors))
  }
})

test('a checkpoint without a pooler is a model without one', async () => {
  const { 'bert.pooler.dense.weight': _, 'bert.pooler.dense.bias': __, ...tensors } = tinyTensors(tiny)
  const whole = await loadModel(writeTinyModel(temporaryFolder(), { config: tiny }))
  const without = await loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors }))
  expect(without.fingerprint).not.toBe(whole.fingerprint)
  expect(Object.keys(without.spec.modules)).not.toContain('bert.pooler.dense')
  expect(without.weights.names).not.toContain('bert.pooler.dense.weight')
  expect(without.spec.tasks).toEqual(whole.spec.tasks)
  const { 'bert.pooler.dense.bias': ___, ...half } = tinyTensors(tiny)
  await expect(loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors: half }))).rejects.toThrowError(
    coded('missing_tensors', 'bert.pooler.dense.bias'),
  )
})

test('there is nothing to predict tokens with', () => {
  const config = bert.config(tiny)
  const model = { architecture: bert, config, spec: bert.spec(config) }
  const g = new GraphBuilder('g')
  const { hidden, overVocabulary } = trainingForward(g, model, adapterHooks(g, [{ rows: 1, adapters: [] }]), { batch: 1, tokens: 2 })
  expect(() => overVocabulary(hidden)).toThrowError(coded('no_output_projection', 'SEQ_CLS'))
  expect(() => inferenceGraph(model, { output: 'logits' })).toThrowError(coded('no_output_projection'))
})

import { adapterHooks } from '@weft/adapters/hooks'
import { GraphBuilder } from '@weft/graph'
import { expect, test } from 'vitest'
import { loadModel } from '../../load.ts'
import { inferenceGraph } from '../../lowering/inference.ts'
import { trainingForward } from '../../lowering/training.ts'
import { float32 } from '../../testing/safetensors.ts'
import { temporaryFolder, tinyTensors, writeTinyModel } from '../../testing/tiny-llama.ts'
import { bert } from './bert.ts'
import { distilbert } from './distilbert.ts'
import { electra } from './electra.ts'
import { mpnet } from './mpnet.ts'
import { camembert, roberta, xlmRoberta } from './roberta.ts'

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

test("XLM-R and CamemBERT are RoBERTa's encoder under its names, and as large as they are", () => {
  const published = { ...base, max_position_embeddings: 514, type_vocab_size: 1, pad_token_id: 1, layer_norm_eps: 1e-5 }
  for (const [architecture, model_type, vocab_size, size] of [
    [xlmRoberta, 'xlm-roberta', 250_002, 277_453_056],
    [camembert, 'camembert', 32_005, 110_031_360],
  ] as const) {
    const json = { ...published, model_type, vocab_size }
    const spec = architecture.spec(architecture.config(json))
    expect(spec).toEqual({ ...roberta.spec(roberta.config(json)), architecture: model_type })
    expect(count(spec.weights)).toBe(size)
  }
})

test('distilbert-base is as large as it is, without token types and pooler, and has names of its own', async () => {
  const spec = distilbert.spec(distilbert.config({ model_type: 'distilbert' }))
  expect(spec).toMatchObject({
    architecture: 'distilbert',
    maxPositions: 512,
    headDim: 64,
    bidirectional: true,
    modules: { 'distilbert.transformer.layer.5.ffn.lin1': [3072, 768], 'distilbert.transformer.layer.0.attention.out_lin': [768, 768] },
    classifier: { module: 'classifier', dense: true, denseModule: 'pre_classifier', denseActivation: 'relu' },
  })
  expect(spec.classifier.pooler).toBeUndefined()
  expect(count(spec.weights)).toBe(66_362_880)
  expect(() => distilbert.config({ dim: 10, n_heads: 4 })).toThrowError(coded('invalid_config', 'dim 10 is no multiple of n_heads 4'))
  expect(() => distilbert.config({ activation: 'mish' })).toThrowError(coded('unsupported_config', 'activation "mish"'))

  const config = { model_type: 'distilbert', vocab_size: 258, dim: 16, n_layers: 2, n_heads: 2, hidden_dim: 24, max_position_embeddings: 32 }
  const tensors = tinyTensors(config)
  const { fingerprint } = await loadModel(writeTinyModel(temporaryFolder(), { config, tensors }))
  const bare = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name.replace('distilbert.', ''), tensor]))
  const heads = ['vocab_transform.weight', 'vocab_layer_norm.weight', 'vocab_projector.bias', 'pre_classifier.bias', 'classifier.bias', 'qa_outputs.bias']
  const headed = { ...tensors, ...Object.fromEntries(heads.map((name) => [name, float32([16], new Float32Array(16))])) }
  for (const variant of [bare, headed]) {
    expect((await loadModel(writeTinyModel(temporaryFolder(), { config, tensors: variant }))).fingerprint).toBe(fingerprint)
  }
})

test('electra-base is as large as it is; electra-small has narrower embeddings, and a layer behind them', async () => {
  const spec = electra.spec(electra.config({ ...base, model_type: 'electra', embedding_size: 768 }))
  expect(spec).toMatchObject({ architecture: 'electra', maxPositions: 512, classifier: { dense: true, denseActivation: 'gelu' } })
  expect(spec.classifier.pooler).toBeUndefined()
  expect(count(spec.weights)).toBe(108_891_648)
  const published = { ...base, model_type: 'electra', hidden_size: 256, num_attention_heads: 4, intermediate_size: 1024 }
  for (const embedding_size of [128, undefined]) {
    const small = electra.spec(electra.config({ ...published, embedding_size }))
    expect(small).toMatchObject({ hiddenSize: 256, embeddingSize: 128, modules: { 'electra.embeddings_project': [256, 128] } })
    expect(small.weights).toMatchObject({ 'electra.embeddings.position_embeddings.weight': [512, 128], 'electra.embeddings.LayerNorm.bias': [128] })
    expect(count(small.weights)).toBe(13_483_008)
  }
  expect(spec).not.toHaveProperty('embeddingSize')
  expect(() => electra.config({ ...published, embedding_size: 0 })).toThrowError(coded('invalid_config', 'embedding_size'))

  const config = { ...tiny, model_type: 'electra', embedding_size: 16 }
  const tensors = tinyTensors(config)
  const heads = ['discriminator_predictions.dense.bias', 'generator_predictions.dense.bias', 'generator_lm_head.bias', 'classifier.dense.bias']
  const headed = { ...tensors, ...Object.fromEntries(heads.map((name) => [name, float32([16], new Float32Array(16))])) }
  const { fingerprint } = await loadModel(writeTinyModel(temporaryFolder(), { config, tensors }))
  expect((await loadModel(writeTinyModel(temporaryFolder(), { config, tensors: headed }))).fingerprint).toBe(fingerprint)
  const narrow = { ...config, embedding_size: 8 }
  const whole = tinyTensors(narrow)
  const bare = Object.fromEntries(Object.entries(whole).map(([name, tensor]) => [name.replace('electra.', ''), tensor]))
  expect(Object.keys(bare)).toContain('embeddings_project.weight')
  const [prefixed, without] = await Promise.all([whole, bare].map((tensors) => loadModel(writeTinyModel(temporaryFolder(), { config: narrow, tensors }))))
  expect(without.fingerprint).toBe(prefixed.fingerprint)
})

test('mpnet-base is as large as it is, and has a table of biases by distance; its positions begin at 2 whatever is said', async () => {
  const published = { ...base, model_type: 'mpnet', vocab_size: 30_527, max_position_embeddings: 514, pad_token_id: 1, layer_norm_eps: 1e-5 }
  const config = mpnet.config({ ...published, relative_attention_num_buckets: 32 })
  const spec = mpnet.spec(config)
  expect(spec).toMatchObject({
    architecture: 'mpnet',
    maxPositions: 512,
    headDim: 64,
    bidirectional: true,
    modules: { 'mpnet.encoder.layer.11.attention.attn.o': [768, 768], 'mpnet.encoder.layer.0.intermediate.dense': [3072, 768] },
    weights: { 'mpnet.encoder.relative_attention_bias.weight': [32, 12] },
    classifier: { module: 'classifier', dense: true },
  })
  expect(spec.classifier.pooler).toBeUndefined()
  expect(spec.weights).not.toHaveProperty(['mpnet.embeddings.token_type_embeddings.weight'])
  expect(mpnet.attention(config).relative).toEqual({
    weight: 'mpnet.encoder.relative_attention_bias.weight',
    numBuckets: 32,
    maxDistance: 128,
    bidirectional: true,
  })
  expect(count(spec.weights)).toBe(108_895_872)
  for (const same of [{ pad_token_id: 0 }, { pad_token_id: null }, { type_vocab_size: 1 }]) expect(mpnet.config({ ...published, ...same })).toEqual(config)
  expect(mpnet.attention(mpnet.config({ ...published, relative_attention_num_buckets: 40 })).relative!.numBuckets, "transformers'").toBe(32)
  expect(() => mpnet.config({ ...published, relative_attention_num_buckets: 16 })).toThrowError(
    coded('unsupported_config', 'relative_attention_num_buckets 16'),
  )
  const small = { ...tiny, model_type: 'mpnet' }
  const tensors = tinyTensors(small)
  const bare = Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name.replace('mpnet.', ''), tensor]))
  const unread = ['mpnet.pooler.dense.bias', 'lm_head.dense.bias', 'classifier.dense.bias', 'qa_outputs.bias', 'mpnet.embeddings.position_ids']
  const headed = { ...tensors, ...Object.fromEntries(unread.map((name) => [name, float32([16], new Float32Array(16))])) }
  const { fingerprint } = await loadModel(writeTinyModel(temporaryFolder(), { config: small, tensors }))
  for (const variant of [bare, headed]) {
    expect((await loadModel(writeTinyModel(temporaryFolder(), { config: small, tensors: variant }))).fingerprint).toBe(fingerprint)
  }
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

import { expect, test } from 'vitest'
import { rawConfig } from '../../config.ts'
import { relativeBucket } from '../../layout/relative-positions.ts'
import { loadModel } from '../../load.ts'
import { decoderGraph } from '../../lowering/encoder-decoder-inference.ts'
import { temporaryFolder, tinyTensors, writeTinyModel } from '../../testing/tiny-llama.ts'
import type { AttentionOptions } from '../architecture.ts'
import { modelShape } from '../architectures.ts'
import { mt5 } from './mt5.ts'
import { t5 } from './t5.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })
const tiny = {
  model_type: 't5',
  vocab_size: 258,
  d_model: 16,
  d_kv: 6,
  d_ff: 24,
  num_heads: 3,
  num_layers: 1,
  num_decoder_layers: 2,
  decoder_start_token_id: 0,
}

test('what config.json leaves out is T5 small', () => {
  const spec = t5.spec(t5.config({ model_type: 't5' }))
  expect(spec).toMatchObject({
    hiddenSize: 512,
    intermediateSize: 2048,
    numLayers: 6,
    numHeads: 8,
    numKeyValueHeads: 8,
    headDim: 64,
    vocabSize: 32_128,
    tasks: ['SEQ_2_SEQ_LM'],
    encoderDecoder: { numEncoderLayers: 6, decoderStartTokenId: 0 },
    modules: { 'encoder.block.5.layer.1.DenseReluDense.wi': [2048, 512], 'decoder.block.0.layer.1.EncDecAttention.k': [512, 512] },
  })
  const count = Object.values(spec.weights).reduce((sum, shape) => sum + shape.reduce((n, d) => n * d, 1), 0)
  expect(count).toBe(60_506_624)
})

test('stacks of different depth, heads of a width of their own', () => {
  const { numLayers, encoderDecoder, modules, weights } = t5.spec(t5.config(tiny))
  expect([numLayers, encoderDecoder!.numEncoderLayers]).toEqual([2, 1])
  expect(modules['decoder.block.1.layer.0.SelfAttention.o']).toEqual([16, 18])
  expect(Object.keys(weights).filter((name) => name.includes('relative_attention_bias'))).toEqual(
    ['encoder', 'decoder'].map((side) => `${side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight`),
  )
  expect(weights['decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight']).toEqual([32, 3])
})

test("the feed-forward's name says its activation and whether it is gated", () => {
  const activation = (name: string) => {
    const { activation, gated } = t5.config({ ...tiny, feed_forward_proj: name })
    return [activation, gated]
  }
  expect([activation('relu'), activation('gated-gelu'), activation('gelu'), activation('gated-silu')]).toEqual([
    ['relu', false],
    ['gelu_tanh', true],
    ['gelu', false],
    ['silu', true],
  ])
  expect(t5.spec(t5.config({ ...tiny, feed_forward_proj: 'gated-gelu' })).modules['encoder.block.0.layer.1.DenseReluDense.wi_1']).toEqual([24, 16])
  for (const name of ['gated-mish', 'wide-relu', 'gated-new-gelu'])
    expect(() => t5.config({ ...tiny, feed_forward_proj: name })).toThrowError(coded('unsupported_config', 'feed_forward_proj'))
})

test('outputs are scaled for a tied head, unless the config says otherwise', () => {
  const head = (over: object) => {
    const c = t5.config({ ...tiny, ...over })
    return [t5.outputProjection(c), c.scaleDecoderOutputs]
  }
  expect(head({})).toEqual(['shared.weight', true])
  expect(head({ tie_word_embeddings: false })).toEqual(['lm_head.weight', false])
  expect(head({ tie_word_embeddings: true, scale_decoder_outputs: false })).toEqual(['shared.weight', false])
})

test('what config.json leaves out of an mT5 is mT5 small, whose checkpoint stores a head of its own', async () => {
  const { vocabSize, encoderDecoder, modules, numHeads } = mt5.spec(mt5.config({ model_type: 'mt5' }))
  expect({ vocabSize, numHeads, encoderDecoder }).toEqual({ vocabSize: 250_112, numHeads: 6, encoderDecoder: { numEncoderLayers: 8, decoderStartTokenId: 0 } })
  expect(modules['decoder.block.7.layer.2.DenseReluDense.wi_1']).toEqual([1024, 512])

  const tensors = tinyTensors({ ...tiny, model_type: 'mt5' })
  expect(Object.keys(tensors)).not.toContain('lm_head.weight')
  const table = tensors['shared.weight']
  const other = { ...table, bytes: new Uint8Array(table.bytes.length) }
  for (const tie_word_embeddings of [true, false, undefined]) {
    const config = { ...tiny, model_type: 'mt5', tie_word_embeddings }
    const headOf = async (head: object) => {
      const model = await loadModel(writeTinyModel(temporaryFolder(), { config, tensors: { ...tensors, ...head } }))
      expect(model.spec.architecture).toBe('mt5')
      expect(model.config.scaleDecoderOutputs).toBe(false)
      return model.architecture.outputProjection(model.config)
    }
    expect(await headOf({})).toBe('shared.weight')
    expect(await headOf({ 'lm_head.weight': table })).toBe('shared.weight')
    expect(await headOf({ 'lm_head.weight': other })).toBe('lm_head.weight')
  }
})

test('a config that makes no encoder-decoder is refused', () => {
  expect(() => t5.config({ ...tiny, is_encoder_decoder: false })).toThrowError(coded('unsupported_config', 'is_encoder_decoder'))
  expect(() => t5.config({ ...tiny, relative_attention_num_buckets: 6 })).toThrowError(coded('invalid_config', 'a multiple of 4'))
  expect(() => t5.config({ ...tiny, num_heads: 0 })).toThrowError(coded('invalid_config', 'num_heads'))
})

test('one table under several names is one model', async () => {
  const tensors = tinyTensors(tiny)
  const { fingerprint } = await loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors }))
  const { 'shared.weight': table, ...others } = tensors
  const spellings = [
    { ...tensors, 'encoder.embed_tokens.weight': table, 'decoder.embed_tokens.weight': table, 'lm_head.weight': table },
    { ...others, 'encoder.embed_tokens.weight': table },
    {
      ...others,
      'decoder.embed_tokens.weight': table,
      'decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight': tensors['decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight'],
    },
  ]
  for (const spelling of spellings)
    expect((await loadModel(writeTinyModel(temporaryFolder(), { config: tiny, tensors: spelling }))).fingerprint).toBe(fingerprint)
})

test('a head that a config calls tied although it is another is the head; a table that differs from its copies is none', async () => {
  const config = { ...tiny, scale_decoder_outputs: false }
  const tensors = tinyTensors(config)
  const load = (others: typeof tensors) => loadModel(writeTinyModel(temporaryFolder(), { config, tensors: { ...tensors, ...others } }))
  const headOf = async (others: typeof tensors) => {
    const { architecture, config } = await load(others)
    return architecture.outputProjection(config)
  }
  const other = { ...tensors['shared.weight'], bytes: new Uint8Array(tensors['shared.weight'].bytes.length) }
  expect(await headOf({ 'lm_head.weight': tensors['shared.weight'] })).toBe('shared.weight')
  expect(await headOf({ 'lm_head.weight': other })).toBe('lm_head.weight')
  await expect(load({ 'decoder.embed_tokens.weight': other })).rejects.toThrowError(coded('differing_copies', 'decoder.embed_tokens.weight'))
  const { 'shared.weight': table, ...rest } = tensors
  const both = { ...rest, 'encoder.embed_tokens.weight': table, 'decoder.embed_tokens.weight': other }
  await expect(loadModel(writeTinyModel(temporaryFolder(), { config, tensors: both }))).rejects.toThrowError(coded('differing_copies'))
})

test('what the graphs of an encoder-decoder do not compute, an architecture is refused', () => {
  const asking = (options: AttentionOptions) => () => {
    const shape = modelShape(rawConfig(tiny))
    const forward: typeof t5.forward = (_, __, lowering, x) => lowering.attention(0, x, x, x, options)
    decoderGraph({ ...shape, architecture: { ...t5, forward } })
  }
  for (const options of [{ window: 4 }, { rotary: 'default' }])
    expect(asking(options)).toThrowError(expect.objectContaining({ code: 'not_lowered', fault: 'ours' }))
})

test('near distances have a bucket each, far ones share', () => {
  const both = { numBuckets: 32, maxDistance: 128, bidirectional: true }
  const causal = { numBuckets: 32, maxDistance: 128, bidirectional: false }
  expect([0, -1, -7, -8, -16, -32, -64, -127, -128, -1000].map((distance) => relativeBucket(distance, both))).toEqual([0, 1, 7, 8, 10, 12, 14, 15, 15, 15])
  expect([1, 7, 8, 16, 32, 64, 500].map((distance) => relativeBucket(distance, both))).toEqual([17, 23, 24, 26, 28, 30, 31])
  expect([5, 0, -1, -15, -16, -32, -64, -127, -128].map((distance) => relativeBucket(distance, causal))).toEqual([0, 0, 1, 15, 16, 21, 26, 31, 31])
})

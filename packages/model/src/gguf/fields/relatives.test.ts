import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelShape } from '../../architectures/architectures.ts'
import { RandomWeights } from '../../checkpoint/random.ts'
import { rawConfig } from '../../config.ts'
import { loadModel } from '../../load.ts'
import { writeGguf } from '../../testing/gguf.ts'
import { floats, tinyGguf } from '../../testing/tiny-gguf.ts'
import { temporaryFolder, tinyConfig } from '../../testing/tiny-llama.ts'

type Tiny = ReturnType<typeof tinyGguf>

/** A llama's file, as one of another architecture. */
function written(architecture: string, config: Partial<typeof tinyConfig>, change: (model: Tiny) => void = () => {}): string {
  const { metadata, tensors } = tinyGguf({ ...tinyConfig, ...config })
  const own: Tiny = {
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key.replace(/^llama\./, `${architecture}.`), value])),
    tensors,
  }
  own.metadata['general.architecture'] = architecture
  change(own)
  return writeGguf(join(temporaryFolder(), 'tiny.gguf'), own.metadata, own.tensors)
}

const refused = (code: string, message: string) => expect.objectContaining({ code, message: expect.stringContaining(message) })

test('SmolLM3: every fourth layer does not rotate; queries and keys are those of the model', async () => {
  const model = await loadModel(written('smollm3', { num_hidden_layers: 5 }))
  expect(model.spec.architecture).toBe('smollm3')
  expect(model.config).toMatchObject({ rotatingLayers: [true, true, true, false, true], ropeTheta: 10_000, tieWordEmbeddings: true })
  const weights = new RandomWeights(model.spec.weights, { std: 0.3 })
  for (const name of weights.names) expect(model.weights.readSync(name), name).toEqual(weights.readSync(name))
  await expect(loadModel(written('smollm3', {}, ({ metadata }) => (metadata['smollm3.attention.sliding_window'] = 8)))).rejects.toThrowError(
    refused('unsupported_config', 'smollm3.attention.sliding_window 8'),
  )
})

test('OLMo 2: norms stand behind, and over all queries and all keys; nothing is interleaved', async () => {
  const { spec, config } = modelShape(rawConfig({ ...tinyConfig, model_type: 'olmo2' }))
  const weights = new RandomWeights(spec.weights, { std: 0.3 })
  const parts: Record<string, string> = {
    post_attention_layernorm: 'post_attention_norm',
    post_feedforward_layernorm: 'post_ffw_norm',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
  }
  const file = (change: (model: Tiny) => void = () => {}): string =>
    written('olmo2', {}, (model) => {
      for (const layer of [0, 1]) {
        for (const norm of ['attn_norm', 'ffn_norm']) delete model.tensors[`blk.${layer}.${norm}.weight`]
        for (const [part, stored] of Object.entries(parts)) {
          const name = `model.layers.${layer}.${part}.weight`
          model.tensors[`blk.${layer}.${stored}.weight`] = floats(spec.weights[name], weights.readSync(name))
        }
        for (const half of ['q', 'k']) {
          const name = `model.layers.${layer}.self_attn.${half}_proj.weight`
          model.tensors[`blk.${layer}.attn_${half}.weight`] = floats(spec.weights[name], weights.readSync(name))
        }
      }
      change(model)
    })
  const model = await loadModel(file())
  expect({ ...model.config, rmsNormEps: 0 }).toEqual({ ...config, rmsNormEps: 0, initializerRange: 0.02 })
  for (const name of weights.names) expect(model.weights.readSync(name), name).toEqual(weights.readSync(name))
  await expect(loadModel(file(({ metadata }) => (metadata['olmo2.attention.sliding_window'] = 8)))).rejects.toThrowError(
    refused('unsupported_config', 'olmo2.attention.sliding_window 8'),
  )
})

test('Granite: its factors are read; what is left out is as in llama.cpp', async () => {
  const file = (scales: Record<string, number | boolean>, change: (model: Tiny) => void = () => {}) =>
    written('granite', {}, (model) => {
      for (const [key, value] of Object.entries(scales)) model.metadata[`granite.${key}`] = typeof value === 'number' ? { float: value } : value
      change(model)
    })
  const model = await loadModel(file({ embedding_scale: 12, 'attention.scale': 0.015625, residual_scale: 0.25, logit_scale: 8 }))
  expect(model.config).toMatchObject({ multipliers: { embedding: 12, attention: 0.015625, residual: 0.25, logits: 0.125 } })
  const weights = new RandomWeights(model.spec.weights, { std: 0.3 })
  for (const name of weights.names) expect(model.weights.readSync(name), name).toEqual(weights.readSync(name))
  const plain = await loadModel(file({ logit_scale: 1 }, ({ tensors }) => (tensors['rope_freqs.weight'] = floats([2], [1, 8]))))
  expect(plain.config).toMatchObject({
    multipliers: { embedding: 1, attention: 0.5, residual: 1, logits: 1 },
    ropeScaling: { ropeType: 'factors', factors: [1, 8] },
  })
  await expect(loadModel(file({}))).rejects.toThrowError(refused('invalid_gguf', 'granite.logit_scale'))
  await expect(loadModel(file({ logit_scale: 1, 'rope.scaling.finetuned': false }))).rejects.toThrowError(
    refused('unsupported_config', 'granite.rope.scaling.finetuned false'),
  )
})

test('Phi-3: what is fused there is fused here, a part of each head may be rotated, and every layer has the window', async () => {
  const json = { ...tinyConfig, model_type: 'phi3', num_attention_heads: 2, num_key_value_heads: 1, partial_rotary_factor: 0.75, sliding_window: 16 }
  const { spec, config } = modelShape(rawConfig(json))
  const weights = new RandomWeights(spec.weights, { std: 0.3 })
  const file = (change: (model: Tiny) => void = () => {}): string =>
    written('phi3', { num_attention_heads: 2, num_key_value_heads: 1 }, (model) => {
      for (const layer of [0, 1]) {
        for (const name of ['attn_q', 'attn_k', 'attn_v', 'ffn_gate']) delete model.tensors[`blk.${layer}.${name}.weight`]
        for (const [part, stored] of [
          ['self_attn.qkv_proj', 'attn_qkv'],
          ['self_attn.o_proj', 'attn_output'],
          ['mlp.gate_up_proj', 'ffn_up'],
        ]) {
          const name = `model.layers.${layer}.${part}.weight`
          model.tensors[`blk.${layer}.${stored}.weight`] = floats(spec.weights[name], weights.readSync(name))
        }
      }
      Object.assign(model.metadata, { 'phi3.rope.dimension_count': 6, 'phi3.attention.sliding_window': 16 })
      model.metadata['phi3.rope.scaling.original_context_length'] = 64 // written beside no scaling too
      change(model)
    })
  const model = await loadModel(file())
  expect({ ...model.config, rmsNormEps: 0 }).toEqual({ ...config, rmsNormEps: 0, initializerRange: 0.02 })
  expect(model.config).toMatchObject({ rotaryDim: 6, layerWindows: [16, 16] })
  for (const name of weights.names) expect(model.weights.readSync(name), name).toEqual(weights.readSync(name))
  const whole = await loadModel(file(({ metadata }) => Object.assign(metadata, { 'phi3.rope.dimension_count': 8, 'phi3.attention.sliding_window': 0 })))
  expect([whole.config.rotaryDim, whole.config.layerWindows]).toEqual([undefined, undefined])
  const long = (change: (model: Tiny) => void = () => {}): string =>
    file((model) => {
      model.tensors['rope_factors_short.weight'] = floats([3], [1, 1.5, 4])
      model.tensors['rope_factors_long.weight'] = floats([3], [1, 20, 40])
      model.metadata['phi3.rope.scaling.original_context_length'] = 32
      model.metadata['phi3.rope.scaling.attn_factor'] = { float: 1.25 }
      change(model)
    })
  const scaling = { ropeType: 'longrope', factors: [1, 1.5, 4], attentionFactor: 1.25, originalMaxPositions: 32 }
  const longer = await loadModel(long())
  expect(longer.config).toMatchObject({ maxPositions: 32, rotaryDim: 6, ropeScaling: scaling })
  expect(longer.weights.names).toEqual(model.weights.names)
  const told = await loadModel(long(({ metadata }) => (metadata['phi3.rope.scaling.type'] = 'longrope')))
  expect(told.config).toEqual(longer.config)
  const unsaid = long(({ metadata }) => {
    for (const name of ['original_context_length', 'attn_factor']) delete metadata[`phi3.rope.scaling.${name}`]
  })
  expect((await loadModel(unsaid)).config, "llama.cpp's defaults").toMatchObject({ ropeScaling: { attentionFactor: 1, originalMaxPositions: 64 } })
})

test.each<[string, string, string, (model: Tiny) => void]>([
  ['no short factors', 'invalid_gguf', 'no rope_factors_short.weight', ({ tensors }) => delete tensors['rope_factors_short.weight']],
  ['a factor that is none', 'invalid_gguf', 'rope_factors_short.weight holds 0', ({ tensors }) => (tensors['rope_factors_short.weight'] = floats([2], [1, 0]))],
  ['too few factors', 'invalid_config', 'short_factor holds 1 factors', ({ tensors }) => (tensors['rope_factors_short.weight'] = floats([1], [1]))],
  [
    'another kind of scaling beside them',
    'unsupported_config',
    'phi3.rope.scaling.type "yarn"',
    ({ metadata }) => Object.assign(metadata, { 'phi3.rope.scaling.type': 'yarn', 'phi3.rope.scaling.factor': { float: 4 } }),
  ],
  [
    'a factor of all frequencies beside them',
    'unsupported_config',
    'phi3.rope.scaling.factor 4',
    ({ metadata }) => Object.assign(metadata, { 'phi3.rope.scaling.type': 'longrope', 'phi3.rope.scaling.factor': { float: 4 } }),
  ],
])("Phi-3's longrope is refused: %s", async (_, code, message, change) => {
  const file = written('phi3', {}, (model) => {
    for (const length of ['long', 'short']) model.tensors[`rope_factors_${length}.weight`] = floats([2], [1, 2])
    change(model)
  })
  await expect(loadModel(file)).rejects.toThrowError(refused(code, message))
})

test('factors that depend on the length are refused where an architecture is not known to have them', async () => {
  const file = written('qwen2', {}, ({ tensors }) => (tensors['rope_factors_long.weight'] = floats([2], [1, 2])))
  await expect(loadModel(file)).rejects.toThrowError(
    refused('unsupported_config', 'rope_type "longrope" is not supported; supported: a file without rope_factors_long.weight'),
  )
})

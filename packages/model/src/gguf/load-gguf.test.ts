import { copyFileSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modelShape } from '../architectures/architectures.ts'
import { RandomWeights } from '../checkpoint/random.ts'
import { rawConfig } from '../config.ts'
import { loadModel } from '../load.ts'
import { type GgufTensor, type GgufValue, writeGguf } from '../testing/gguf.ts'
import { floats, tinyGguf, tinyTokenizer, writeTinyGguf } from '../testing/tiny-gguf.ts'
import { temporaryFolder, writeTinyModel } from '../testing/tiny-llama.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })
const file = (): string => join(temporaryFolder(), 'tiny.gguf')

test('a GGUF is the same model as the folder that it was made from', async () => {
  const folder = await loadModel(writeTinyModel(temporaryFolder()))
  const model = await loadModel(writeTinyGguf(file()))
  expect(model.name).toBe('tiny')
  expect({ ...model.config, rmsNormEps: 0 }).toEqual({ ...folder.config, rmsNormEps: 0, initializerRange: 0.02 })
  expect(model.config.rmsNormEps).toBe(Math.fround(folder.config.rmsNormEps))
  for (const name of folder.weights.names) {
    const values = folder.weights.readSync(name)
    expect(model.weights.shape(name)).toEqual(folder.weights.shape(name))
    expect(model.weights.readSync(name), name).toEqual(values)
    expect(await model.weights.read(name), name).toEqual(values)
    if (values.length > 16) expect(model.weights.rows(name, [5, 0, 7]), name).toEqual(folder.weights.rows(name, [5, 0, 7]))
  }
  expect(model.weights.external('model.layers.0.self_attn.q_proj.weight'), 'its rows lie in another order').toBeNull()
  expect(model.weights.external('model.norm.weight')).toMatchObject({ length: 64 })
})

test('tokens and chats are those of the tokenizer in the metadata', async () => {
  const folder = await loadModel(writeTinyModel(temporaryFolder()))
  const { tokenizer, chat } = await loadModel(writeTinyGguf(file()))
  for (const text of ['', 'Ahoy, 42 whales!', '<bos>naïve<eos> 鯨']) {
    expect(tokenizer!.encode(text)).toEqual(folder.tokenizer!.encode(text))
    expect(tokenizer!.decode(tokenizer!.encode(text))).toBe(folder.tokenizer!.decode(folder.tokenizer!.encode(text)))
  }
  expect(tokenizer).toMatchObject({ bosTokenId: 256, eosTokenIds: [257], vocabSize: 258 })
  expect(chat.render([{ role: 'user', content: 'Hi' }])).toBe('<bos><user>Hi<eos>')
})

test('a chat with tools has the template that the metadata has for it', async () => {
  const { chat } = await loadModel(
    writeTinyGguf(file(), ({ metadata }) =>
      Object.assign(metadata, { 'tokenizer.chat_templates': ['tool_use'], 'tokenizer.chat_template.tool_use': '{{ tools | length }} tools' }),
    ),
  )
  const messages = [{ role: 'user', content: 'Hi' }]
  expect(chat.render(messages)).toBe('<bos><user>Hi<eos>')
  expect(chat.render(messages, { tools: [{ type: 'function', function: { name: 'f' } }] })).toBe('1 tools')
})

test('a token that begins with a byte order mark is not the token without it', async () => {
  const tokens = ['<unk>', '\uFEFF', 'a', '\uFEFFa', ...Array.from({ length: 254 }, (_, i) => `[unused${i}]`)]
  const { tokenizer } = await loadModel(
    writeTinyGguf(file(), ({ metadata }) => {
      for (const key of Object.keys(metadata)) if (key.startsWith('tokenizer.')) delete metadata[key]
      Object.assign(metadata, {
        'tokenizer.ggml.model': 'llama',
        'tokenizer.ggml.tokens': tokens,
        'tokenizer.ggml.scores': { floats: tokens.map((_, id) => -id) },
        'tokenizer.ggml.token_type': { integers: tokens.map((_, id) => (id === 0 ? 2 : 1)) },
        'tokenizer.ggml.unknown_token_id': 0,
        'tokenizer.ggml.add_space_prefix': false,
        'tokenizer.ggml.add_bos_token': false,
      })
    }),
  )
  expect(tokenizer!.encode('a\uFEFFa\uFEFF')).toEqual([2, 3, 1])
  expect(tokenizer!.decode([2, 3, 1])).toBe('a\uFEFFa\uFEFF')
})

test('the fingerprint is of what is stored: numbers, types and their order, not names or metadata', async () => {
  const a = await loadModel(writeTinyGguf(file()))
  expect((await loadModel(writeTinyGguf(file(), ({ metadata }) => (metadata['general.name'] = 'Tiny')))).fingerprint).toBe(a.fingerprint)
  const changed = await loadModel(writeTinyGguf(file(), ({ tensors }) => tensors['output_norm.weight'].bytes[0]++))
  expect(changed.fingerprint).not.toBe(a.fingerprint)
  expect((await loadModel(writeTinyModel(temporaryFolder()))).fingerprint).not.toBe(a.fingerprint)
})

test('a head of its own, and blocks within rows', async () => {
  const model = await loadModel(
    writeTinyGguf(file(), ({ tensors, metadata }) => {
      metadata['llama.feed_forward_length'] = 32
      for (const layer of [0, 1]) {
        for (const part of ['gate', 'up']) tensors[`blk.${layer}.ffn_${part}.weight`] = floats([32, 16], new Float32Array(512))
        // 16 rows of one block of Q8_0 each: d = 1, q = the row's number
        const bytes = Uint8Array.from({ length: 16 * 34 }, (_, at) => (at % 34 === 0 ? 0 : at % 34 === 1 ? 0x3c : Math.floor(at / 34)))
        tensors[`blk.${layer}.ffn_down.weight`] = { type: 8, shape: [16, 32], bytes }
      }
      tensors['output.weight'] = floats(
        [258, 16],
        Float32Array.from({ length: 258 * 16 }, (_, i) => i),
      )
    }),
  )
  expect(model.architecture.outputProjection(model.config)).toBe('lm_head.weight')
  expect([...model.weights.rows('lm_head.weight', [2]).subarray(0, 2)]).toEqual([32, 33])
  expect([...model.weights.rows('model.layers.1.mlp.down_proj.weight', [3, 9])]).toEqual([...Array(32).fill(3), ...Array(32).fill(9)])
  expect(model.weights.readSync('model.layers.1.mlp.down_proj.weight')[7 * 32]).toBe(7)
})

test('a split model is read from any of its parts, and its missing parts are named', async () => {
  const folder = temporaryFolder()
  const part = (n: number): string => join(folder, `tiny-0000${n}-of-00002.gguf`)
  const { metadata, tensors } = tinyGguf()
  const [first, second] = [Object.entries(tensors).slice(0, 5), Object.entries(tensors).slice(5)]
  writeGguf(part(1), { ...metadata, 'split.count': 2, 'split.tensors.count': Object.keys(tensors).length }, Object.fromEntries(first))
  await expect(loadModel(part(1))).rejects.toThrowError(coded('gguf_parts_missing', 'tiny-00002-of-00002.gguf'))
  writeGguf(part(2), { 'split.no': 1 }, Object.fromEntries(second))
  const whole = await loadModel(writeTinyGguf(file()))
  expect((await loadModel(part(1))).fingerprint).toBe(whole.fingerprint)
  expect((await loadModel(part(2))).fingerprint).toBe(whole.fingerprint)
})

test('Gemma 3: norms are stored as 1 + w and stand on both sides of each half', async () => {
  const json = {
    model_type: 'gemma3_text',
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 8,
    vocab_size: 258,
    max_position_embeddings: 64,
    sliding_window: 16,
    query_pre_attn_scalar: 8,
  }
  const { spec, config } = modelShape(rawConfig(json))
  const weights = new RandomWeights(spec.weights, { std: 0.3 })
  const parts: Record<string, string> = {
    input_layernorm: 'attn_norm',
    post_attention_layernorm: 'post_attention_norm',
    pre_feedforward_layernorm: 'ffn_norm',
    post_feedforward_layernorm: 'post_ffw_norm',
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
  }
  const stored = (name: string): string =>
    name === 'model.embed_tokens.weight'
      ? 'token_embd.weight'
      : name === 'model.norm.weight'
        ? 'output_norm.weight'
        : name.replace(/^model\.layers\.(\d+)\.(.+)\.weight$/, (_, layer, part) => `blk.${layer}.${parts[part]}.weight`)
  const tensors: Record<string, GgufTensor> = Object.fromEntries(
    weights.names.map((name) => {
      const values = weights.readSync(name)
      return [stored(name), floats(weights.shape(name), name.endsWith('norm.weight') ? values.map((w) => w + 0.25) : values)]
    }),
  )
  const key = (name: string): string => `gemma3.${name}`
  const metadata: Record<string, GgufValue> = {
    'general.architecture': 'gemma3',
    [key('block_count')]: 2,
    [key('context_length')]: 64,
    [key('embedding_length')]: 16,
    [key('feed_forward_length')]: 24,
    [key('attention.head_count')]: 2,
    [key('attention.head_count_kv')]: 1,
    [key('attention.key_length')]: 8,
    [key('attention.value_length')]: 8,
    [key('attention.sliding_window')]: 16,
    [key('attention.layer_norm_rms_epsilon')]: { float: 1e-6 },
    [key('rope.freq_base')]: { float: 1_000_000 },
    ...tinyTokenizer(),
  }
  const model = await loadModel(writeGguf(file(), metadata, tensors))
  expect({ ...model.config, rmsNormEps: 1e-6 }).toEqual({ ...config, initializerRange: 0.02 })
  const alternating = await loadModel(writeGguf(file(), { ...metadata, [key('attention.sliding_window_pattern')]: 2 }, tensors))
  expect(alternating.config.layerTypes).toEqual(['sliding_attention', 'full_attention'])
  const scaled = { ...metadata, [key('rope.scaling.type')]: 'yarn', [key('rope.scaling.factor')]: { float: 4 } }
  await expect(loadModel(writeGguf(file(), scaled, tensors))).rejects.toThrowError(coded('unsupported_config', 'gemma3.rope.scaling.type "yarn"'))
  // Ones of `RandomWeights`, stored a quarter above, minus the one.
  for (const name of ['model.norm.weight', 'model.layers.1.self_attn.k_norm.weight', 'model.layers.0.post_feedforward_layernorm.weight'])
    expect([...model.weights.readSync(name)]).toEqual(model.weights.shape(name).flatMap((count) => Array(count).fill(0.25)))
  const q = 'model.layers.1.self_attn.q_proj.weight'
  expect(model.weights.readSync(q), 'its rotary halves are not interleaved').toEqual(weights.readSync(q))
})

test('Mistral and Qwen2 come by their names', async () => {
  const qwen = file()
  writeTinyGguf(qwen, (model) => {
    for (const [key, value] of Object.entries(model.metadata)) if (key.startsWith('llama.')) model.metadata[key.replace('llama.', 'qwen2.')] = value
    model.metadata['general.architecture'] = 'qwen2'
    for (const layer of [0, 1])
      for (const [part, size] of [
        ['q', 16],
        ['k', 8],
        ['v', 8],
      ] as const)
        model.tensors[`blk.${layer}.attn_${part}.bias`] = floats([size], Array(size).fill(layer))
  })
  const { spec, weights } = await loadModel(qwen)
  expect(spec.architecture).toBe('qwen2')
  expect([...weights.readSync('model.layers.1.self_attn.k_proj.bias')]).toEqual(Array(8).fill(1))
})

test.each<[string, string, string, (model: ReturnType<typeof tinyGguf>) => void]>([
  [
    'an architecture',
    'unsupported_architecture',
    '"rwkv7"; supported in this format: llama, qwen2, qwen3, smollm3, olmo2, granite, phi3, gemma3',
    ({ metadata }) => (metadata['general.architecture'] = 'rwkv7'),
  ],
  ['a quantization', 'unsupported_quantization', 'output_norm.weight is quantized as IQ4_XS', ({ tensors }) => (tensors['output_norm.weight'].type = 23)],
  ['a quantization without a name', 'unsupported_quantization', 'type 99', ({ tensors }) => (tensors['output_norm.weight'].type = 99)],
  ['rows that are no blocks', 'invalid_gguf', 'blocks of 32', ({ tensors }) => (tensors['output_norm.weight'].type = 8)],
  ['a kind of tokenizer', 'unsupported_tokenizer', '"bert"', ({ metadata }) => (metadata['tokenizer.ggml.model'] = 'bert')],
  ['a way to cut texts', 'unsupported_tokenizer', '"jais"', ({ metadata }) => (metadata['tokenizer.ggml.pre'] = 'jais')],
  ['no tokenizer', 'unsupported_tokenizer', 'no tokenizer', ({ metadata }) => delete metadata['tokenizer.ggml.model']],
  ['a token that is not there', 'unsupported_tokenizer', 'bos token is 999', ({ metadata }) => (metadata['tokenizer.ggml.bos_token_id'] = 999)],
  ['metadata that is not there', 'invalid_gguf', 'llama.block_count', ({ metadata }) => delete metadata['llama.block_count']],
  ['metadata of another kind', 'invalid_gguf', 'llama.block_count is no number', ({ metadata }) => (metadata['llama.block_count'] = 'two')],
  ['attention in both directions', 'unsupported_config', 'llama.attention.causal', ({ metadata }) => (metadata['llama.attention.causal'] = false)],
  ['experts', 'unsupported_config', 'expert_count', ({ metadata }) => (metadata['llama.expert_count'] = 8)],
  ['a tensor too few', 'missing_tensors', 'model.norm.weight', ({ tensors }) => delete tensors['output_norm.weight']],
  ['a tensor too many', 'extra_tensors', 'blk.0.attn_sinks.weight', ({ tensors }) => (tensors['blk.0.attn_sinks.weight'] = floats([1], [0]))],
])('refused by name: %s', async (_, code, message, change) => {
  await expect(loadModel(writeTinyGguf(file(), change))).rejects.toThrowError(coded(code, message))
})

test('a file that is cut short, or none of its kind, is refused', async () => {
  const whole = writeTinyGguf(file())
  const { length } = readFileSync(whole)
  for (const [size, code] of [
    [length - 100, 'gguf_truncated'],
    [length >> 1, 'gguf_truncated'],
    [600, 'gguf_truncated'],
    [20, 'invalid_gguf'],
    [2, 'invalid_gguf'],
    [0, 'invalid_gguf'],
  ] as const) {
    const cut = file()
    copyFileSync(whole, cut)
    truncateSync(cut, size)
    const error = await loadModel(cut).catch((cause) => cause)
    expect([code, 'gguf_truncated', 'invalid_gguf'], `${size} bytes`).toContain(error.code)
    if (size > 1000) expect(error.code, `${size} bytes`).toBe(code)
  }
  const other = file()
  writeFileSync(other, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n')
  await expect(loadModel(other)).rejects.toThrowError(coded('git_lfs_pointer'))
  writeFileSync(other, JSON.stringify({ model_type: 'llama' }))
  await expect(loadModel(other)).rejects.toThrowError(coded('invalid_gguf', 'no GGUF'))
  const bytes = readFileSync(whole)
  writeFileSync(other, bytes.fill(bytes.subarray(4, 8).toReversed(), 4, 8))
  await expect(loadModel(other), 'its version is written the other way round').rejects.toThrowError(coded('invalid_gguf', 'big-endian'))
  const renamed = join(temporaryFolder(), 'weights')
  renameSync(whole, renamed)
  expect((await loadModel(renamed)).name, 'known by how it begins').toBe('weights')
})

import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readHeader } from './checkpoint/header.ts'
import { loadModel, requireModel } from './load.ts'
import { writeSafetensors } from './testing/safetensors.ts'
import { writeTinyGguf } from './testing/tiny-gguf.ts'
import { temporaryFolder, tinyConfig, tinyTensors, writeTinyModel } from './testing/tiny-llama.ts'

const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })

test('a folder gives spec, weights, tokenizer and chat', async () => {
  const model = await loadModel(writeTinyModel(join(temporaryFolder(), 'tiny')))
  expect(model).toMatchObject({
    name: 'tiny',
    spec: { architecture: 'llama', hiddenSize: 16, headDim: 4, numKeyValueHeads: 2, vocabSize: 258, maxPositions: 64 },
  })
  expect(model.fingerprint).toMatch(/^[0-9a-f]{64}$/)
  expect(model.weights.names).toContain('model.layers.1.self_attn.k_proj.weight')
  expect(model.weights.shape('model.layers.1.self_attn.k_proj.weight')).toEqual([8, 16])
  expect(model.tokenizer!.encode('a')).toEqual([256, 97])
  expect(model.chat.template).toBeNull()
})

test('the fingerprint follows the numbers, not the folder, the order or the metadata', async () => {
  const a = writeTinyModel(temporaryFolder())
  const { fingerprint } = await loadModel(a)
  const reordered = writeTinyModel(temporaryFolder(), { tensors: Object.fromEntries(Object.entries(tinyTensors()).reverse()) })
  writeFileSync(join(reordered, 'config.json'), JSON.stringify({ ...tinyConfig, transformers_version: '5', _name_or_path: 'x' }))
  expect((await loadModel(reordered)).fingerprint).toBe(fingerprint)
  const otherConfig = writeTinyModel(temporaryFolder(), { config: { ...tinyConfig, rope_theta: 20_000 } })
  expect((await loadModel(otherConfig)).fingerprint).not.toBe(fingerprint)
  const tensors = tinyTensors()
  tensors['model.norm.weight'].bytes[0] ^= 1
  expect((await loadModel(writeTinyModel(temporaryFolder(), { tensors }))).fingerprint).not.toBe(fingerprint)
})

test('a known fingerprint is not computed again until the file changes', async () => {
  const folder = writeTinyModel(temporaryFolder())
  const stateDir = temporaryFolder()
  const { fingerprint } = await loadModel(folder, { stateDir })
  const [cached] = readdirSync(join(stateDir, 'fingerprints'))
  const written = readFileSync(join(stateDir, 'fingerprints', cached), 'utf8')
  const other = 'ab'.repeat(32)
  writeFileSync(join(stateDir, 'fingerprints', cached), `${other} ${createHash('sha256').update(other).digest('hex').slice(0, 16)}`)
  expect((await loadModel(folder, { stateDir })).fingerprint).toBe(other)
  // One digit that damage has changed is not believed, and neither is what has no sum.
  for (const damaged of [`${written[0] === '0' ? '1' : '0'}${written.slice(1)}`, other]) {
    writeFileSync(join(stateDir, 'fingerprints', cached), damaged)
    expect((await loadModel(folder, { stateDir })).fingerprint).toBe(fingerprint)
  }
  utimesSync(join(folder, 'model.safetensors'), 1, 1)
  expect((await loadModel(folder, { stateDir })).fingerprint).toBe(fingerprint)
  // what was cut short is not believed
  for (const name of readdirSync(join(stateDir, 'fingerprints'))) writeFileSync(join(stateDir, 'fingerprints', name), 'ab')
  expect((await loadModel(folder, { stateDir })).fingerprint).toBe(fingerprint)
})

test('a bare config.json gets random weights that its seed repeats', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'shape.json')
  writeFileSync(file, JSON.stringify(tinyConfig))
  const [a, again, b] = await Promise.all([loadModel(file), loadModel(file), loadModel(file, { seed: 1 })])
  expect(a.name).toBe('shape')
  expect(a.fingerprint).toBe(again.fingerprint)
  expect(a.fingerprint).not.toBe(b.fingerprint)
  const name = 'model.layers.0.mlp.up_proj.weight'
  const values = await a.weights.read(name)
  expect(values).toEqual(await again.weights.read(name))
  expect(values).not.toEqual(await b.weights.read(name))
  expect([...a.weights.rows(name, [2])]).toEqual([...values.subarray(32, 48)])
  expect(Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length)).toBeCloseTo(0.3, 1)
  expect([...(await a.weights.read('model.norm.weight'))]).toEqual(Array(16).fill(1))
})

test('a text with a token of the tokenizer that the model has no row for is refused by that token', async () => {
  const folder = writeTinyModel(temporaryFolder())
  const file = join(folder, 'tokenizer.json')
  const definition = JSON.parse(readFileSync(file, 'utf8'))
  const image = { id: 258, content: '<image>', single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  writeFileSync(file, JSON.stringify({ ...definition, added_tokens: [...definition.added_tokens, image] }))
  const { tokenizer } = await loadModel(folder)
  expect(tokenizer!.encode('a<eos>')).toEqual([256, 97, 257])
  expect(() => tokenizer!.encode('a<image>')).toThrowError(coded('token_out_of_range', '"<image>", token 258'))
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...tinyConfig, eos_token_id: [258, 257] }))
  expect((await loadModel(folder)).tokenizer!.eosTokenIds).toEqual([257])
  const gguf = writeTinyGguf(join(folder, 'tiny.gguf'), ({ metadata }) => {
    const tokens = [...(metadata['tokenizer.ggml.tokens'] as string[]), '<image>']
    Object.assign(metadata, { 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': { integers: tokens.map((_, id) => (id < 256 ? 1 : 3)) } })
  })
  const read = await loadModel(gguf)
  expect(() => read.tokenizer!.encode('a<image>')).toThrowError(coded('token_out_of_range', '"<image>", token 258'))
})

test('an installed package is found by its name', async () => {
  const project = temporaryFolder()
  const packaged = join(project, 'node_modules', '@someone', 'a-model')
  mkdirSync(dirname(packaged), { recursive: true })
  cpSync(writeTinyModel(temporaryFolder()), packaged, { recursive: true })
  writeFileSync(join(packaged, 'package.json'), JSON.stringify({ name: '@someone/a-model', version: '1.0.0' }))
  const before = process.cwd
  process.cwd = () => project
  try {
    expect(await loadModel('@someone/a-model')).toMatchObject({ name: 'a-model', folder: packaged })
  } finally {
    process.cwd = before
  }
})

test('what cannot be loaded is refused with a reason', async () => {
  await expect(loadModel('/nowhere/at/all')).rejects.toThrowError(coded('model_not_found', '/nowhere/at/all'))
  await expect(loadModel(temporaryFolder())).rejects.toThrowError(coded('missing_file', 'config.json'))
  const folder = writeTinyModel(temporaryFolder())
  // refused before weights are looked at: the checkpoint is of another kind altogether
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...tinyConfig, model_type: 'mamba' }))
  writeFileSync(join(folder, 'model.safetensors'), 'nothing')
  await expect(loadModel(folder)).rejects.toThrowError(coded('unsupported_architecture', '"mamba" is not supported; supported: llama'))
  writeFileSync(join(folder, 'config.json'), '{')
  await expect(loadModel(folder)).rejects.toThrowError(coded('invalid_config', 'not JSON'))
})

test('a tied head stored twice and a classifier on top are no surprise; any other tensor is', async () => {
  const folder = writeTinyModel(temporaryFolder())
  const tensors = tinyTensors()
  const file = join(folder, 'model.safetensors')
  writeSafetensors(file, { ...tensors, 'lm_head.weight': tensors['model.embed_tokens.weight'], 'score.weight': tensors['model.norm.weight'] })
  expect(readHeader(file).has('lm_head.weight')).toBe(true)
  expect((await loadModel(folder)).weights.names).not.toContain('lm_head.weight')
  writeSafetensors(file, { ...tensors, 'model.layers.0.self_attn.q_norm.weight': tensors['model.norm.weight'] })
  await expect(loadModel(folder)).rejects.toThrowError(coded('extra_tensors', 'q_norm'))
})

describe.each([
  ['llama', tinyConfig, 'model.'],
  ['qwen3', { ...tinyConfig, model_type: 'qwen3', head_dim: 8 }, 'model.'],
  ['phi3', { ...tinyConfig, model_type: 'phi3' }, 'model.'],
  ['gemma3_text', { ...tinyConfig, model_type: 'gemma3_text', head_dim: 8 }, 'model.'],
  ['gpt2', { model_type: 'gpt2', vocab_size: 258, n_embd: 16, n_layer: 2, n_head: 2, n_positions: 64, initializer_range: 0.3 }, 'transformer.'],
])('%s that was saved without the language model around it', (_, config, prefix) => {
  const bare = (tensors: ReturnType<typeof tinyTensors>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name.startsWith(prefix) ? name.slice(prefix.length) : name, tensor]))
  const load = (tie_word_embeddings: boolean, change: (tensors: ReturnType<typeof tinyTensors>) => ReturnType<typeof tinyTensors>) => {
    const said = { ...config, tie_word_embeddings }
    return loadModel(writeTinyModel(temporaryFolder(), { config: said, tensors: change(tinyTensors(said)) }))
  }
  const headless = ({ 'lm_head.weight': _, ...rest }: ReturnType<typeof tinyTensors>) => rest

  test('is the same model where its head is the embedding', async () => {
    const [whole, alone] = await Promise.all([load(true, (tensors) => tensors), load(true, bare)])
    expect(alone.fingerprint).toBe(whole.fingerprint)
    expect(alone.spec.tasks).toContain('CAUSAL_LM')
  })

  test('has no head otherwise, unless it is stored', async () => {
    const alone = await load(false, (tensors) => bare(headless(tensors)))
    expect(alone.weights.names).not.toContain('lm_head.weight')
    expect(alone.spec.tasks).not.toContain('CAUSAL_LM')
    expect((await load(false, bare)).spec.tasks).toContain('CAUSAL_LM')
    await expect(load(false, headless)).rejects.toThrowError(coded('missing_tensors', 'lm_head.weight'))
  })
})

test.each([
  ['llama', tinyConfig, 'model.embed_tokens.weight'],
  ['gpt2', { model_type: 'gpt2', vocab_size: 258, n_embd: 16, n_layer: 2, n_head: 2, n_positions: 64, initializer_range: 0.3 }, 'transformer.wte.weight'],
  ['t5', { model_type: 't5', vocab_size: 258, d_model: 16, d_kv: 4, d_ff: 24, num_layers: 2, num_heads: 4 }, 'shared.weight'],
])('a table that is embedding and head may be stored as the head alone: %s', async (_, config, embedding) => {
  const tensors = tinyTensors(config)
  const { [embedding]: table, ...rest } = tensors
  const load = (said: object, stored: typeof tensors) => loadModel(writeTinyModel(temporaryFolder(), { config: { ...config, ...said }, tensors: stored }))
  const [whole, alone] = [await load({}, tensors), await load({}, { 'lm_head.weight': table, ...rest })]
  expect(alone.fingerprint).toBe(whole.fingerprint)
  expect(await alone.weights.read(embedding)).toEqual(await whole.weights.read(embedding))
  await expect(load({ tie_word_embeddings: false }, { 'lm_head.weight': table, ...rest })).rejects.toThrowError(coded('missing_tensors', embedding))
})

test('a stored head that differs from the embedding is the head, whatever config.json says of ties', async () => {
  const folder = writeTinyModel(temporaryFolder())
  const tensors = tinyTensors()
  const embedding = tensors['model.embed_tokens.weight']
  const load = async (head: typeof embedding) => {
    writeSafetensors(join(folder, 'model.safetensors'), { ...tensors, 'lm_head.weight': head })
    return loadModel(folder)
  }
  const tied = await load(embedding)
  expect(tied.architecture.outputProjection(tied.config)).toBe('model.embed_tokens.weight')
  const bytes = embedding.bytes.slice()
  bytes[bytes.length - 1] ^= 1
  const own = await load({ ...embedding, bytes })
  expect(own.architecture.outputProjection(own.config)).toBe('lm_head.weight')
  expect([...new Uint8Array((await own.weights.read('lm_head.weight')).buffer)]).toEqual([...bytes])
  expect(own.fingerprint).not.toBe(tied.fingerprint)
  // The same values in another precision are the same head; another shape is none.
  const halves = { ...embedding, bytes: new Uint8Array(embedding.bytes.length) }
  writeSafetensors(join(folder, 'model.safetensors'), {
    ...tensors,
    'model.embed_tokens.weight': halves,
    'lm_head.weight': { dtype: 'BF16', shape: embedding.shape, bytes: new Uint8Array(embedding.bytes.length / 2) },
  })
  expect((await loadModel(folder)).weights.names).not.toContain('lm_head.weight')
  await expect(load({ dtype: 'F32', shape: [1], bytes: new Uint8Array(4) })).rejects.toThrowError(coded('misshaped_tensor', 'lm_head.weight'))
})

test('a source that is nowhere is refused without loading anything; a hub id is not asked for', async () => {
  const folder = writeTinyModel(temporaryFolder())
  for (const source of [folder, join(folder, 'config.json'), 'org/no-such-model']) expect(() => requireModel(source)).not.toThrow()
  for (const source of ['no-such-model', './no-such-model', join(folder, 'none')]) {
    expect(() => requireModel(source)).toThrow(coded('model_not_found', source))
    await expect(loadModel(source)).rejects.toEqual(coded('model_not_found', source))
  }
})

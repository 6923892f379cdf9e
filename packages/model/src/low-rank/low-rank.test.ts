import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FloatTensor, floatTensor, identical, type LowRank, type ModelSpec } from '@weft/adapters'
import { afterAll, expect, test } from 'vitest'
import { float32, type MetadataValue, text, uint32s, writeGguf } from '../gguf/writing/write-gguf.ts'
import { isGgufAdapter, readLowRank } from './read-low-rank.ts'
import { writeLowRank } from './write-low-rank.ts'

/** Two heads of four over one of keys and values, two layers. */
const model = (architecture: string): ModelSpec =>
  ({
    architecture,
    numLayers: 2,
    numHeads: 2,
    numKeyValueHeads: 1,
    modules: Object.fromEntries(
      [0, 1].flatMap((layer) => [
        [`model.layers.${layer}.self_attn.q_proj`, [8, 6]],
        [`model.layers.${layer}.self_attn.k_proj`, [4, 6]],
        [`model.layers.${layer}.mlp.down_proj`, [6, 10]],
      ]),
    ),
  }) as unknown as ModelSpec

const q = 'model.layers.0.self_attn.q_proj'
const k = 'model.layers.1.self_attn.k_proj'
const down = 'model.layers.1.mlp.down_proj'
const counted = (...shape: number[]): FloatTensor =>
  floatTensor(
    shape,
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => i + 0.1),
  )
const adapter: LowRank = {
  alpha: 3,
  pairs: new Map([
    [q, { a: counted(2, 6), b: counted(8, 2) }],
    [k, { a: counted(1, 6), b: counted(4, 1) }],
    [down, { a: counted(3, 10), b: counted(6, 3) }],
  ]),
}

const scratch = mkdtempSync(join(tmpdir(), 'weft-low-rank-'))
afterAll(() => rmSync(scratch, { recursive: true }))
const file = join(scratch, 'lora.gguf')
const head = { 'general.architecture': text('llama'), 'general.type': text('adapter'), 'adapter.type': text('lora'), 'adapter.lora.alpha': float32(3) }
const written = async (metadata: Record<string, MetadataValue>, tensors: Record<string, FloatTensor>): Promise<string> => {
  writeFileSync(file, await writeGguf(metadata, new Map(Object.entries(tensors))))
  return file
}

test('a layer that is fused is one LoRA under its one name', async () => {
  const layer = 'model.layers.1'
  const modules = { [`${layer}.self_attn.qkv_proj`]: [16, 6], [`${layer}.mlp.gate_up_proj`]: [20, 6] }
  const phi3 = { ...model('phi3'), modules } as unknown as ModelSpec
  const pairs = new Map(Object.entries(modules).map(([module, [out]]) => [module, { a: counted(2, 6), b: counted(out, 2) }]))
  const bytes = await writeLowRank({ alpha: 3, pairs }, phi3)
  for (const name of ['blk.1.attn_qkv.weight.lora_a', 'blk.1.ffn_up.weight.lora_b']) expect(Buffer.from(bytes).includes(name), name).toBe(true)
  writeFileSync(file, bytes)
  const back = await readLowRank(file, phi3)
  expect([...back.pairs.keys()]).toEqual(Object.keys(modules))
  for (const [module, { a, b }] of back.pairs) expect(identical(a, pairs.get(module)!.a) && identical(b, pairs.get(module)!.b), module).toBe(true)
})

test.each(['llama', 'mistral', 'qwen2', 'qwen3', 'smollm3', 'olmo2', 'gemma3_text'])('what is written for %s comes back bit for bit', async (architecture) => {
  const all = { ...adapter, invocation: [5, 70_000] }
  writeFileSync(file, await writeLowRank(all, model(architecture)))
  expect(await isGgufAdapter(file)).toBe(true)
  const { alpha, pairs, invocation } = await readLowRank(file, model(architecture))
  expect({ alpha, invocation, modules: [...pairs.keys()] }).toEqual({ alpha: 3, invocation: [5, 70_000], modules: [q, k, down] })
  for (const [module, { a, b }] of pairs) {
    expect(identical(a, all.pairs.get(module)!.a)).toBe(true)
    expect(identical(b, all.pairs.get(module)!.b)).toBe(true)
  }
})

test('rows of B of queries and keys stand interleaved for llama alone, and A as it is', async () => {
  const stored = async (architecture: string) => {
    writeFileSync(file, await writeLowRank(adapter, model(architecture)))
    return readLowRank(file, model(architecture === 'llama' ? 'llama' : 'qwen2'))
  }
  const bytes = async (architecture: string) => {
    await stored(architecture)
    return readFileSync(file)
  }
  const [llama, qwen] = [await bytes('llama'), await bytes('qwen2')]
  // Of four rows a head, llama.cpp has 0, 2, 1, 3.
  const row = (n: number) => [2 * n + 0.1, 2 * n + 1.1]
  const floats = (rows: number[]) => Buffer.from(new Float32Array(rows.flatMap(row)).buffer)
  expect(llama.includes(floats([0, 2, 1, 3, 4, 6, 5, 7]))).toBe(true)
  expect(qwen.includes(floats([0, 1, 2, 3, 4, 5, 6, 7]))).toBe(true)
})

test('without an alpha it is 0, which says that additions count as they are', async () => {
  const { 'adapter.lora.alpha': _, ...rest } = head
  const tensors = { 'blk.0.attn_q.weight.lora_a': counted(2, 6), 'blk.0.attn_q.weight.lora_b': counted(8, 2) }
  expect(await readLowRank(await written(rest, tensors), model('llama'))).toMatchObject({ alpha: 0 })
  expect((await readLowRank(await written({ ...head, 'adapter.alora.invocation_tokens': uint32s([]) }, tensors), model('llama'))).invocation).toBeUndefined()
})

const pair = (name: string, rank = 2, [input, out] = [6, 8]) => ({ [`${name}.lora_a`]: counted(rank, input), [`${name}.lora_b`]: counted(out, rank) })
const query = pair('blk.0.attn_q.weight')
test.each<[string, Record<string, MetadataValue>, Record<string, FloatTensor>, number, string, string]>([
  ['another architecture', { 'general.architecture': text('qwen2') }, query, 409, 'wrong_base_model', 'its architecture is qwen2, and this model is llama'],
  ['a layer beyond', {}, pair('blk.2.attn_q.weight'), 409, 'wrong_base_model', 'layers are 0 to 1'],
  ['another width', {}, pair('blk.0.attn_q.weight', 2, [5, 8]), 409, 'wrong_base_model', 'from 5 to 8'],
  ['a half alone', {}, { 'blk.0.attn_q.weight.lora_a': counted(2, 6) }, 400, 'invalid_gguf', 'lora_a without blk.0.attn_q.weight.lora_b'],
  ['halves of two ranks', {}, { ...query, 'blk.0.attn_q.weight.lora_b': counted(8, 3) }, 400, 'invalid_gguf', 'no rank in common'],
  ['nothing', {}, {}, 400, 'invalid_gguf', 'without a tensor'],
  ['an alpha below 0', { 'adapter.lora.alpha': float32(-1) }, query, 400, 'invalid_gguf', 'adapter.lora.alpha is -1'],
  ['a norm', {}, { ...query, 'blk.0.attn_norm.weight': counted(6) }, 422, 'gguf_lora_unsupported', 'blk.0.attn_norm.weight, a norm'],
  ['a bias', {}, { ...query, 'blk.0.attn_q.bias': counted(8) }, 422, 'gguf_lora_unsupported', 'blk.0.attn_q.bias, a bias'],
  ['embeddings', {}, { ...query, ...pair('token_embd.weight') }, 422, 'gguf_lora_unsupported', 'it adapts token_embd.weight'],
  ['the output', {}, { ...query, ...pair('output.weight') }, 422, 'gguf_lora_unsupported', 'are linear layers: attn_q, attn_k, ffn_down'],
  ['another kind of adapter', { 'adapter.type': text('vera') }, query, 422, 'gguf_lora_unsupported', '"vera"'],
])('refused: %s', async (_, metadata, tensors, status, code, said) => {
  const read = readLowRank(await written({ ...head, ...metadata }, tensors), model('llama'))
  await expect(read).rejects.toMatchObject({ status, code, message: expect.stringContaining(said) })
})

test('an architecture that GGUF is not known for here is refused on the way out, and its models on the way in', async () => {
  await expect(writeLowRank(adapter, model('gpt2'))).rejects.toMatchObject({ status: 422, code: 'gguf_names_unknown' })
  await expect(readLowRank(await written(head, query), model('gpt2'))).rejects.toMatchObject({ code: 'wrong_base_model' })
})

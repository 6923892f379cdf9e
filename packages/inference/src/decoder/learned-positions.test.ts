import { rmSync } from 'node:fs'
import type { Composed, FloatTensor } from '@weft/adapters'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { textLabels } from '@weft/protocol'
import { randomTensor, writeTinyGpt2 } from '@weft/test/models/tiny-llama'
import { fullAttention, greedyRecomputed, type Prompt } from '@weft/test/oracles/full-attention'
import { afterAll, expect, test } from 'vitest'
import type { Named } from '../engine.ts'
import { collect } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { logSumExp } from '../sampling/sampler.ts'

const runtime = openRuntime()
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

async function opened(config: Record<string, unknown> = {}) {
  const folder = writeTinyGpt2(config)
  folders.push(folder)
  const model = await loadModel(folder)
  const engine = await openEngine(model, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(64e6), maxBatch: 4, maxWaiting: 64, prefillChunk: 7 })
  const greedy = (composition: Named, text: string, maxTokens = 12) =>
    engine.generate(composition, { prompt: { text }, maxTokens, temperature: 0, topP: 1, topK: 0, stop: [] }).then(collect)
  return { model, engine, greedy, encode: (text: string) => model.tokenizer!.encode(text) }
}

const rows = randomTensor([5, 32], 'rows', 0.4)
const prefix = randomTensor([2, 2, 4, 6, 8], 'prefix')
const named = (key: string, over: Partial<Composed>): Named => ({
  key: `sha256:${key.repeat(64)}`,
  composed: { segments: [], sites: {}, longestPrefix: 0, ...over },
})
const behind: { composition: Named; prompt: Prompt }[] = [
  { composition: null, prompt: {} },
  { composition: named('1', { segments: [{ kind: 'rows', rows }] }), prompt: { rows } },
  { composition: named('2', { sites: { keyValue: { prefix } }, longestPrefix: 6 }), prompt: { prefixes: [prefix] } },
]

test("generation, scores and classes over learned positions are full attention's", async () => {
  const { model, engine, greedy, encode } = await opened()
  const V = model.spec.vocabSize
  const text = 'the weft is drawn in by hand'
  const tokens = encode(text)
  for (const { composition, prompt } of behind) {
    expect((await greedy(composition, text)).tokens).toEqual(await greedyRecomputed(model, tokens, 12, prompt))
    const logits = await fullAttention(model, tokens, prompt)
    const {
      results: [scored],
    } = await engine.score(composition, { texts: [text], tokenLogprobs: true })
    const from = prompt.rows ? 1 : 0 // rows predict the first token too
    for (let i = 1; i < tokens.length; i++) {
      const before = logits.subarray((i - 1) * V, i * V)
      expect(scored.tokenLogprobs![i - 1 + from]).toBeCloseTo(before[tokens[i]] - logSumExp(before), 4)
    }
    // A head made of output embeddings makes classes of tokens: their odds are then the model's own.
    const ids = [10, 20, 30]
    const weight: FloatTensor = {
      shape: [3, 32],
      data: engine.sessions.embedding.rows(ids),
    }
    const over = composition?.composed ?? { segments: [], sites: {}, longestPrefix: 0 }
    const [{ scores }] = textLabels(
      (await engine.classify({ key: `${composition?.key} with a head`, composed: { ...over, sites: { ...over.sites, head: { weight } } } }, [text])).results,
    )
    const last = ids.map((id) => logits[(tokens.length - 1) * V + id])
    Object.values(scores).forEach((p, i) => expect(p).toBeCloseTo(Math.exp(last[i] - logSumExp(Float32Array.from(last))), 5))
  }
  await engine.close()
})

test('a batch of different compositions and lengths is each row alone', async () => {
  const { engine, greedy } = await opened()
  const requests = behind.flatMap(({ composition }, i) => [
    { composition, text: 'in the beginning', maxTokens: 5 + 6 * i },
    { composition, text: 'a much longer prompt that is fed in several chunks between the steps of others', maxTokens: 30 - 5 * i },
  ])
  const together = await Promise.all(requests.map(({ composition, text, maxTokens }) => greedy(composition, text, maxTokens)))
  for (const [i, { composition, text, maxTokens }] of requests.entries())
    expect((await greedy(composition, text, maxTokens)).tokens).toEqual(together[i].tokens)
  await engine.close()
})

test('compositions that answer together end at the last position, and no row beside them fails', async () => {
  const { model, engine, greedy } = await opened()
  const alone = await greedy(null, 'in the beginning', 60)
  const named = behind
    .slice(1)
    .map(({ composition }) => composition!)
    .reverse()
  // The first stands behind the last position while the other still reads its prompt.
  const tokens = Array.from({ length: model.spec.maxPositions - 6 }, (_, i) => i % 90)
  const [beside, together] = await Promise.all([
    greedy(null, 'in the beginning', 60),
    engine
      .generate(
        { operator: 'ensemble', operands: named.map((each) => ({ weight: 0.5, named: each })) },
        { prompt: { tokens }, maxTokens: 5, temperature: 0, topP: 1, topK: 0, stop: [] },
      )
      .then(collect),
  ])
  expect(beside.tokens).toEqual(alone.tokens)
  expect(together).toMatchObject({ tokens: [expect.any(Number)], finishReason: 'length' })
  await engine.close()
})

test('heads of a size that attention has no kernel for are refused by name, and the model is held for training', async () => {
  const { engine, greedy } = await opened({ n_embd: 48 })
  expect(engine.sessions.weights.get('transformer.wpe.weight')!.shape).toEqual([384, 48])
  await expect(greedy(null, 'x')).rejects.toMatchObject({ code: 'unsupported_head_size', message: expect.stringContaining('size 12') })
  await engine.close()
})

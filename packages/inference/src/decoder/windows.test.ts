import { rmSync } from 'node:fs'
import type { Composed, FloatTensor } from '@weft/adapters'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyGemma3 } from '@weft/test/models/tiny-llama'
import { fullAttention, greedyRecomputed, type Prompt } from '@weft/test/oracles/full-attention'
import { afterAll, describe, expect, test } from 'vitest'
import type { Named } from '../engine.ts'
import { collect } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { logSumExp } from '../sampling/sampler.ts'

/** Shorter than every prompt and answer, and than some prefixes. */
const WINDOW = 5

const folder = writeTinyGemma3(WINDOW)
const model = await loadModel(folder)
const engine = await openEngine(model, {
  runtime: openRuntime(),
  device: 'cpu',
  threads: 1,
  fixed: createPrefixCache(64e6),
  maxBatch: 5,
  maxWaiting: 64,
  prefillChunk: 7,
})
afterAll(async () => {
  await engine.close()
  rmSync(folder, { recursive: true })
})

const encode = (text: string) => model.tokenizer!.encode(text)
const greedy = (composition: Named, text: string, maxTokens = 12) =>
  engine.generate(composition, { prompt: { text }, maxTokens, temperature: 0, topP: 1, topK: 0, stop: [] }).then(collect)

const prefix = (P: number, seed: string): FloatTensor => randomTensor([2, 2, 2, P, 8], seed)
/** Two prefixes side by side, as a composition holds them. */
const beside = (a: FloatTensor, b: FloatTensor): FloatTensor => {
  const columns = ({ shape, data }: FloatTensor, o: number) => data.subarray(o * shape[3] * 8, (o + 1) * shape[3] * 8)
  const data = Float32Array.from(Array.from({ length: 8 }, (_, o) => [...columns(a, o), ...columns(b, o)]).flat())
  return { shape: [2, 2, 2, a.shape[3] + b.shape[3], 8], data }
}
const named = (key: string, over: Partial<Composed>): Named => ({
  key: `sha256:${key.repeat(64)}`,
  composed: { segments: [], sites: {}, longestPrefix: 0, ...over },
})
const [long, short] = [prefix(7, 'long'), prefix(2, 'short')]
const rows = randomTensor([3, 32], 'rows', 0.4)
const halved = Float32Array.from({ length: 9 }, (_, i) => (i < 7 ? Math.log(0.5) : Math.log(2)))

const compositions: Record<string, { composition: Named; prompt: Prompt }> = {
  nothing: { composition: null, prompt: {} },
  rows: { composition: named('1', { segments: [{ kind: 'rows', rows }] }), prompt: { rows } },
  'a prefix longer than the window': { composition: named('2', { sites: { keyValue: { prefix: long } }, longestPrefix: 7 }), prompt: { prefixes: [long] } },
  'prefixes that overlay one another, and rows': {
    composition: named('3', {
      segments: [{ kind: 'rows', rows }],
      sites: { keyValue: { prefix: beside(long, short) } },
      longestPrefix: 7,
      prefixLengths: [7, 2],
    }),
    prompt: { rows, prefixes: [long, short] },
  },
  'the same, the short one first, at strengths': {
    composition: named('4', {
      sites: { keyValue: { prefix: beside(short, long), bias: { shape: [9], data: halved } } },
      longestPrefix: 7,
      prefixLengths: [2, 7],
    }),
    prompt: { prefixes: [short, long], prefixBias: halved },
  },
}

describe.each(Object.entries(compositions))('behind %s', (_, { composition, prompt }) => {
  test('answers and scores are those of the masks that training has', async () => {
    const text = 'the weft is drawn in by hand'
    const tokens = encode(text)
    expect((await greedy(composition, text)).tokens).toEqual(await greedyRecomputed(model, tokens, 12, prompt))
    const V = model.spec.vocabSize
    const logits = await fullAttention(model, tokens, prompt)
    const {
      results: [scored],
    } = await engine.score(composition, { texts: [text], tokenLogprobs: true })
    const from = prompt.rows ? 1 : 0 // rows predict the first token too
    for (let i = 1; i < tokens.length; i++) {
      const before = logits.subarray((i - 1) * V, i * V)
      expect(scored.tokenLogprobs![i - 1 + from]).toBeCloseTo(before[tokens[i]] - logSumExp(before), 4)
    }
  })
})

test('a batch of different compositions and lengths is each row alone', async () => {
  const requests = Object.values(compositions).map(({ composition }, i) => ({
    composition,
    text: 'in the beginning was a thread'.slice(0, 9 + 5 * i),
    count: 4 + 3 * i,
  }))
  const together = await Promise.all(requests.map(({ composition, text, count }) => greedy(composition, text, count)))
  for (const [i, { composition, text, count }] of requests.entries()) expect(together[i].tokens).toEqual((await greedy(composition, text, count)).tokens)
})

import { rmSync } from 'node:fs'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { fullAttention, type Prompt } from '@weft/test/oracles/full-attention'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine, Named } from '../engine.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { logSumExp } from '../sampling/sampler.ts'
import { scoreWindows } from './score-windows.ts'

const folder = writeTinyLlama()
const runtime = openRuntime()
/** The same weights with a context of 384 positions, and of 48. */
const model: LoadedModel = await loadModel(folder)
let long: Engine
let short: Engine
const CONTEXT = 48

const open = (of: LoadedModel) =>
  openEngine(of, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e7), maxBatch: 2, maxWaiting: 8, prefillChunk: 7 })
beforeAll(async () => {
  long = await open(model)
  short = await open({ ...model, spec: { ...model.spec, maxPositions: CONTEXT } })
})
afterAll(async () => {
  await Promise.all([long.close(), short.close()])
  rmSync(folder, { recursive: true })
})

const rows = randomTensor([5, 32], 'rows', 0.4)
const prefix = randomTensor([2, 2, 2, 6, 8], 'prefix')
const cases: Record<string, { composition: Named; oracle: Prompt; virtual: number; prompt: string }> = {
  'the bare model': { composition: null, oracle: {}, virtual: 0, prompt: '' },
  'a prompt': { composition: null, oracle: {}, virtual: 0, prompt: 'in the boat: ' },
  'a prefix and a prompt': {
    composition: { key: 'prefix', composed: { segments: [], sites: { keyValue: { prefix } }, longestPrefix: 6 } },
    oracle: { prefixes: [prefix] },
    virtual: 6,
    prompt: 'in the boat: ',
  },
  rows: {
    composition: { key: 'rows', composed: { segments: [{ kind: 'rows', rows }], sites: {}, longestPrefix: 0 } },
    oracle: { rows },
    virtual: 5,
    prompt: '',
  },
}

const text = 'the warp and the weft, '.repeat(8)
const encode = (of: string): number[] => model.tokenizer!.encode(of, { addSpecialTokens: false })
const one = async (engine: Engine, composition: Named, options: object) =>
  (await engine.score(composition, { texts: [text], tokenLogprobs: true, ...options })).results[0]!
const close = (got: readonly number[], expected: readonly number[]) => {
  expect(got).toHaveLength(expected.length)
  got.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 3))
}

describe.each(Object.entries(cases))('behind %s', (_, { composition, oracle, virtual, prompt }) => {
  const before = prompt === '' ? [] : encode(prompt)
  const size = CONTEXT - virtual - before.length

  /** Log-probabilities of the last `count` tokens of a window, by full attention over composition, prompt and window. */
  const windowLogprobs = async (tokens: readonly number[], count: number): Promise<number[]> => {
    const V = model.spec.vocabSize
    const logits = await fullAttention(model, [...before, ...tokens], oracle)
    return tokens.slice(-count).map((token, i) => {
      // Logits stand from the first virtual row on, which predicts what follows it.
      const at = logits.length / V - count - 1 + i
      const row = logits.subarray(at * V, (at + 1) * V)
      return row[token]! - logSumExp(row)
    })
  }

  test.each([1, 7, size - 1])('every window keeps composition and prompt: stride %i', async (stride) => {
    const own = encode(text)
    expect(own.length).toBeGreaterThan(CONTEXT)
    const scored = await one(short, composition, { prompt, stride })
    const windows = scoreWindows(own.length, size, stride)
    expect(scored.windows).toEqual({ count: windows.length, tokens: size, stride })
    const later = windows.slice(1)
    const checked = stride === 1 ? [...later.slice(0, 3), ...later.slice(-3)] : later
    const first = scored.tokenLogprobs!.length - (own.length - size)
    for (const { from, scored: since, to } of checked)
      close(scored.tokenLogprobs!.slice(first + since - size, first + to - size), await windowLogprobs(own.slice(from, to), to - since))
  })

  test('what fits is scored as in a longer context, and nothing is said of windows', async () => {
    const fitting = model.tokenizer!.decode(encode(text).slice(0, size))
    const [near, far] = [await one(short, composition, { texts: [fitting], prompt }), await one(long, composition, { texts: [fitting], prompt })]
    close(near.tokenLogprobs!, far.tokenLogprobs!)
    expect(near).not.toHaveProperty('windows')
  })

  test('the first window is the beginning of one long context', async () => {
    const [near, far] = [await one(short, composition, { prompt }), await one(long, composition, { prompt })]
    expect(near.tokens).toBe(far.tokens)
    expect(near.windows).toMatchObject({ tokens: size, stride: size >> 1 })
    const first = near.tokens - (encode(text).length - size)
    close(near.tokenLogprobs!.slice(0, first), far.tokenLogprobs!.slice(0, first))
  })
})

test('windows score every token once, and no window is longer than its size', () => {
  for (const [length, size, stride] of [
    [1, 5, 2],
    [5, 5, 2],
    [6, 5, 5],
    [23, 5, 1],
    [100, 7, 3],
    [100, 7, 7],
  ] as const) {
    const windows = scoreWindows(length, size, stride)
    expect(windows.flatMap(({ scored, to }) => Array.from({ length: to - scored }, (_, i) => scored + i))).toEqual(Array.from({ length }, (_, i) => i))
    for (const { from, scored, to } of windows) {
      expect(to - from).toBe(Math.min(size, length))
      if (scored > 0) expect(scored - from).toBeGreaterThanOrEqual(size - stride)
    }
  }
})

test('without overlap every token counts where something stands before each window', async () => {
  const own = encode(text)
  const { composition } = cases.rows!
  expect((await one(short, composition, { stride: CONTEXT - 5 })).tokens).toBe(own.length)
  expect((await one(short, null, { stride: CONTEXT - 1 })).tokens).toBe(own.length - 1)
})

test('a stride that leaves tokens out, or a prompt that leaves no room, is refused', async () => {
  await expect(short.score(null, { texts: [text], stride: CONTEXT })).rejects.toMatchObject({ code: 'stride_too_large', status: 400, param: 'stride' })
  await expect(short.score(null, { texts: ['a'], prompt: text })).rejects.toMatchObject({ code: 'context_length_exceeded' })
})

test('an answer after a prompt is the end of both together', async () => {
  const after = await one(long, null, { texts: ['the weft'], prompt: 'the warp and ' })
  const joined = await one(long, null, { texts: ['the warp and the weft'] })
  close(after.tokenLogprobs!, joined.tokenLogprobs!.slice(-after.tokens))
})

test('every token that is read is told of: the prompt before each text, and before each window of one', async () => {
  const prompt = 'in the boat: '
  const before = encode(prompt).length
  const scored = await long.score(null, { texts: ['the weft', 'the warp'], prompt })
  expect(scored.tokens).toBe(2 * before + encode('the weft').length + encode('the warp').length)
  expect((await long.score(cases.rows!.composition, { texts: ['the weft'] })).tokens).toBe(encode('the weft').length)
  const own = encode(text)
  const windows = scoreWindows(own.length, CONTEXT - before, 7)
  expect(windows.length).toBeGreaterThan(1)
  expect((await short.score(null, { texts: [text], prompt, stride: 7 })).tokens).toBe(windows.reduce((sum, { from, to }) => sum + before + to - from, 0))
})

describe('tokens told beside their log-probabilities', () => {
  test.each(['the weft', 'grow in the boat'])('%s', async (text) => {
    const { logprobs, tokenLogprobs } = await one(long, null, { texts: [text] })
    const own = encode(text)
    const { results } = await long.score(null, { texts: [text, own], tokenLogprobs: true, logprobs: 3 })
    for (const result of results) {
      expect(result.tokenLogprobs).toEqual(tokenLogprobs)
      const told = result.logprobs!
      expect(told.map(({ id }) => id)).toEqual(own)
      expect(told.map(({ logprob }) => logprob)).toEqual([null, ...tokenLogprobs!])
      expect(new TextDecoder().decode(Uint8Array.from(told.flatMap(({ bytes }) => bytes!)))).toBe(text)
      expect(told[0]!.topLogprobs).toEqual([])
      for (const { logprob, topLogprobs } of told.slice(1)) {
        expect(topLogprobs).toHaveLength(3)
        expect(topLogprobs[0]!.logprob).toBeGreaterThanOrEqual(logprob!)
      }
      const characters = [...text]
      expect(told.every(({ textOffset }) => textOffset! >= 0 && textOffset! < characters.length)).toBe(true)
      expect(told.map(({ textOffset }) => textOffset)).toEqual(told.map(({ textOffset }) => textOffset).toSorted((a, b) => a! - b!))
    }
    expect(logprobs).toBeUndefined()
  })

  test('rows predict the first token too', async () => {
    const { results } = await long.score(cases.rows!.composition, { texts: ['the weft'], logprobs: 0 })
    expect(results[0]!.logprobs![0]!.logprob).toBeLessThan(0)
  })

  test('tokens that there are none of are refused', async () => {
    await expect(long.score(null, { texts: [[1_000_000]] })).rejects.toMatchObject({ code: 'token_out_of_range', param: 'texts' })
  })
})

test('texts that several compositions score take no more of the line than there is', async () => {
  const asked = { operator: 'ensemble', operands: ['a prefix and a prompt', 'rows'].map((of) => ({ weight: 0.5, named: cases[of]!.composition! })) } as const
  const request = { texts: ['a', 'bc', 'def', 'g', 'hi'], prompt: 'in the boat: ' }
  const narrow = (over: object) =>
    openEngine(model, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e7), maxBatch: 2, maxWaiting: 8, prefillChunk: 7, ...over })
  const expected = (await long.score(asked, request)).results
  for (const over of [{ maxWaiting: 1 }, { maxWaitingTokens: 3 * encode(request.prompt).length }]) {
    const engine = await narrow(over)
    const { results } = await engine.score(asked, request)
    results.forEach(({ logprob }, i) => expect(logprob).toBeCloseTo(expected[i]!.logprob, 4))
    await engine.close()
  }
})

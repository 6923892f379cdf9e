import { rmSync } from 'node:fs'
import type { Composed, FloatTensor } from '@weft/adapters'
import { float32Precision, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { randomTensor, writeTinyGemma3, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine, Named } from '../engine.ts'
import { collect } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache, type PrefixCache } from '../prefix-cache/prefix-cache.ts'

const runtime = openRuntime()
afterAll(() => runtime.dispose())

const prefix: FloatTensor = randomTensor([2, 2, 2, 6, 8], 'p')
const rows = randomTensor([3, 32], 'rows', 0.4)
const named = (key: string, over: Partial<Composed>): Named => ({
  key: `sha256:${key.repeat(64)}`,
  composed: { segments: [], sites: {}, longestPrefix: 0, ...over },
})
const compositions: Record<string, Named> = {
  nothing: null,
  'rows and a prefix': named('1', { segments: [{ kind: 'rows', rows }], sites: { keyValue: { prefix } }, longestPrefix: 6 }),
  'a prefix at a strength': named('2', {
    sites: { keyValue: { prefix, bias: { shape: [6], data: new Float32Array(6).fill(Math.log(0.5)) } } },
    longestPrefix: 6,
  }),
}
/** Root of the mean square, relative to how far the values spread about their mean. */
const relative = (off: number[], values: number[]): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const square = (list: number[]) => list.reduce((sum, value) => sum + value * value, 0)
  return Math.sqrt(square(off) / square(values.map((value) => value - mean)))
}
/** Longer than a chunk of a prompt, and than a block of the tree of prefixes. */
const text = 'the weft is drawn in the warp and the thread is drawn in the boat and the sea is drawn in the weft'

// A layer with a window has a mask of its own, which is an input of the op as strengths are.
describe.each([
  ['a model that sees everything', () => writeTinyLlama()],
  ['a model with windows', () => writeTinyGemma3(5)],
])('keys and values in float16 of %s', (_, write) => {
  const folder = write()
  const open = async (precision: typeof float32Precision): Promise<{ engine: Engine; fixed: PrefixCache }> => {
    const fixed = createPrefixCache(64e6)
    const model = await loadModel(folder, { precision })
    return { engine: await openEngine(model, { runtime, device: 'cpu', threads: 1, fixed, maxBatch: 4, maxWaiting: 64, prefillChunk: 7 }), fixed }
  }
  let wide: Awaited<ReturnType<typeof open>>
  let half: Awaited<ReturnType<typeof open>>
  beforeAll(async () => {
    wide = await open(float32Precision)
    half = await open({ ...float32Precision, cache: 'float16' })
  })
  afterAll(async () => {
    await wide.engine.close()
    await half.engine.close()
    rmSync(folder, { recursive: true })
  })

  const scored = async ({ engine }: typeof wide, composition: Named): Promise<number[]> =>
    (await engine.score(composition, { texts: [text], tokenLogprobs: true })).results[0].tokenLogprobs!
  const answer = async ({ engine }: typeof wide, composition: Named, prompt = text) => {
    const { tokens, logprobs } = await engine
      .generate(composition, { prompt: { text: prompt }, maxTokens: 12, temperature: 0, topP: 1, topK: 0, stop: [], logprobs: 5 })
      .then(collect)
    return { tokens, logprobs: logprobs!.map(({ logprob }) => logprob) }
  }

  test.each(Object.entries(compositions))('behind %s they round, and no more', async (_, composition) => {
    const [exact, rounded] = [await scored(wide, composition), await scored(half, composition)]
    const off = relative(
      rounded.map((value, i) => value - exact[i]),
      exact,
    )
    expect(off).toBeGreaterThan(0)
    // A number of float16 is within 2⁻¹¹ of what it rounds; two layers of random weights, which swallow no rounding, add to it.
    expect(off).toBeLessThan(2 ** -8)
  })

  test('rows of a batch have the numbers that each has alone, and so has what is read from the tree of prefixes', async () => {
    const all = Object.values(compositions)
    const alone = []
    for (const composition of all) alone.push(await answer(half, composition))
    expect(await Promise.all(all.map((composition) => answer(half, composition)))).toEqual(alone)
  })

  test('a prompt takes half as much of the tree of prefixes', async () => {
    const grown = async (side: typeof wide): Promise<number> => {
      const before = side.fixed.counts.bytes
      await answer(side, null, `another thread, and ${text}`)
      return side.fixed.counts.bytes - before
    }
    expect(await grown(half)).toBe((await grown(wide)) / 2)
  })

  test('what a composition puts before every prompt takes half as much too', async () => {
    const grown = async (side: typeof wide): Promise<number> => {
      const before = side.fixed.counts.bytes
      await scored(side, named('3', { segments: [{ kind: 'rows', rows }], sites: { keyValue: { prefix } }, longestPrefix: 6 }))
      return side.fixed.counts.bytes - before
    }
    const elements = (prefix.data.length / 6) * (6 + 3)
    // The logits behind it are float32 in both.
    expect((await grown(wide)) - (await grown(half))).toBe(elements * 2)
  })
})

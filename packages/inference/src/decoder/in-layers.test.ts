import { rmSync } from 'node:fs'
import { type AdapterState, type FloatTensor, Random } from '@weft/adapters'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { textLabels } from '@weft/protocol'
import { composedOf } from '@weft/test/cases/serving/composed'
import { branch, factors, lowRank, strong } from '@weft/test/cases/serving/in-layers'
import { randomTensor, writeTinyGpt2, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { fullAttention, greedyRecomputed } from '@weft/test/oracles/full-attention'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { adapterTensors } from '../compositions/adapter-tensors.ts'
import type { Engine, Named } from '../engine.ts'
import { collect, type GenerateOptions } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { largest } from '../sampling/largest.ts'
import { logSumExp } from '../sampling/sampler.ts'

const runtime = openRuntime()
const unplaced = { segments: [], longestPrefix: 0 }
const distance = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - b[i])))
const greedy = (text: string, over: Partial<GenerateOptions> = {}): GenerateOptions => ({
  prompt: { text },
  maxTokens: 10,
  temperature: 0,
  topP: 1,
  topK: 0,
  stop: [],
  logprobs: 20,
  ...over,
})

/** Names of layers of each kind, as each family has them. */
const families = {
  llama: { write: () => writeTinyLlama(), attention: ['q_proj', 'v_proj'], other: ['k_proj', 'down_proj'], output: ['k_proj', 'v_proj'], input: ['down_proj'] },
  gpt2: { write: () => writeTinyGpt2(), attention: ['c_attn'], other: ['c_attn', 'mlp.c_proj'], output: ['c_attn'], input: ['mlp.c_proj'] },
}

describe.each(Object.entries(families))('%s', (_, { write, attention, other, output, input }) => {
  const folder = write()
  let model: LoadedModel
  let engine: Engine
  const adapters: Record<string, AdapterState> = {}
  const open = (over = {}) =>
    openEngine(model, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(64e6), maxBatch: 4, maxWaiting: 64, prefillChunk: 7, ...over })
  const encode = (text: string) => model.tokenizer!.encode(text)

  beforeAll(async () => {
    model = await loadModel(folder)
    engine = await open()
    const { spec } = model
    const { hiddenSize, numLayers, numKeyValueHeads, headDim } = spec
    Object.assign(adapters, {
      lora: lowRank(spec, attention, 3, 'lora'),
      wide: lowRank(spec, other, 5, 'wide', { bias: true }),
      ia3: factors(spec, output, input, 'ia3'),
      gated: branch(spec, 4, 'gated'),
      top: branch(spec, 7, 'top', [0]),
      rows: { inputsEmbeds: { rows: randomTensor([5, hiddenSize], 'rows', 0.4) } },
      prefix: { keyValue: { prefix: randomTensor([numLayers, 2, numKeyValueHeads, 6, headDim], 'prefix') } },
      biased: {
        keyValue: {
          prefix: randomTensor([numLayers, 2, numKeyValueHeads, 4, headDim], 'biased'),
          keyBias: randomTensor([numLayers, numKeyValueHeads, 4], 'key bias'),
        },
      },
    })
  })
  afterAll(async () => {
    await engine.close()
    rmSync(folder, { recursive: true })
  })

  const text = (words: string): AdapterState => {
    const ids = model.tokenizer!.encode(words, { addSpecialTokens: false })
    const H = model.spec.hiddenSize
    const rows: FloatTensor = {
      shape: [ids.length, H],
      data: engine.sessions.embedding.rows(ids),
    }
    return { inputsEmbeds: { rows } }
  }
  const of = (...names: string[]) => names.map((name) => adapters[name]!)
  /** Each expression with what full attention is given in its place: every adapter by itself. */
  const cases: [expression: string, adapters: () => AdapterState[]][] = [
    ['lora', () => of('lora')],
    ['wide', () => of('wide')],
    ['ia3', () => of('ia3')],
    ['gated', () => of('gated')],
    ['top', () => of('top')],
    ['lora + wide', () => of('lora', 'wide')],
    ['gated + top', () => of('gated', 'top')],
    ['gated + gated', () => of('gated', 'gated')],
    ['0.5*lora + 0.5*ia3 + -0.5*gated', () => [strong(0.5, adapters.lora!), strong(0.5, adapters.ia3!), strong(-0.5, adapters.gated!)]],
    ['mix(0.5*lora, 0.5*wide) + ia3 + ia3', () => [strong(0.5, adapters.lora!), strong(0.5, adapters.wide!), ...of('ia3', 'ia3')]],
    ['rows + lora', () => of('rows', 'lora')],
    ['prefix + gated', () => of('prefix', 'gated')],
    ['biased', () => of('biased')],
    ['biased + prefix + rows', () => of('biased', 'prefix', 'rows')],
    ['prefix + rows + lora + "the boat" + ia3 + gated + top', () => [...of('prefix', 'rows', 'lora'), text('the boat'), ...of('ia3', 'gated', 'top')]],
  ]
  const named = async (expression: string): Promise<Named> => ({ key: expression, composed: (await composedOf(model, adapters, expression)).composed })
  const run = async (composition: Named, prompt: string, over: Partial<GenerateOptions> = {}, on = engine) => {
    const { tokens, logprobs } = await collect(await on.generate(composition, greedy(prompt, over)))
    return { tokens, top: logprobs!.map(({ topLogprobs }) => topLogprobs.map(({ logprob }) => logprob)) }
  }

  test.each(cases)("%s: tokens, probabilities, scores and classes are full attention's", async (expression, oracle) => {
    const composition = await named(expression)
    const prompt = 'the weft is drawn in'
    const { tokens, top } = await run(composition, prompt)
    const V = model.spec.vocabSize
    const given = { adapters: oracle() }
    expect(tokens).toEqual(await greedyRecomputed(model, encode(prompt), 10, given))
    const all = [...encode(prompt), ...tokens]
    const logits = await fullAttention(model, all, given)
    const row = (i: number) => logits.subarray(i * V, (i + 1) * V)
    const first = encode(prompt).length - 1
    tokens.forEach((_, i) =>
      expect(
        distance(
          top[i]!,
          largest(row(first + i), 20).map((id) => row(first + i)[id]! - logSumExp(row(first + i))),
        ),
      ).toBeLessThan(1e-4),
    )

    const {
      results: [scored],
    } = await engine.score(composition, { texts: [prompt], tokenLogprobs: true })
    const ids = encode(prompt)
    const after = scored!.tokenLogprobs!.slice(scored!.tokenLogprobs!.length - (ids.length - 1))
    after.forEach((logprob, i) => expect(logprob).toBeCloseTo(row(i)[ids[i + 1]!]! - logSumExp(row(i)), 4))

    // A head made of output embeddings makes classes of tokens: their odds are then the model's own.
    const classes = [10, 20, 30]
    const H = model.spec.hiddenSize
    const weight: FloatTensor = {
      shape: [3, H],
      data: engine.sessions.embedding.rows(classes),
    }
    const { composed } = composition!
    const [verdict] = textLabels(
      (await engine.classify({ key: `${expression} with a head`, composed: { ...composed, sites: { ...composed.sites, head: { weight } } } }, [prompt]))
        .results,
    )
    const odds = classes.map((id) => row(first)[id]!)
    Object.values(verdict!.scores).forEach((p, i) => expect(p).toBeCloseTo(Math.exp(odds[i]! - logSumExp(Float32Array.from(odds))), 5))
  })

  test('the compositions do differ from one another and from the base', async () => {
    const answers = [await run(null, 'the weft is')]
    for (const [expression] of cases) answers.push(await run(await named(expression), 'the weft is'))
    for (const [i, a] of answers.entries()) for (const b of answers.slice(i + 1)) expect(distance(a.top[0]!, b.top[0]!)).toBeGreaterThan(1e-3)
  })

  test('strength 0 is the base model, bit for bit', async () => {
    const [none, bare] = [await run(await named('0*lora + 0*ia3 + 0*gated'), 'the weft'), await run(null, 'the weft')]
    expect(none).toEqual(bare)
  })

  test('a batch of different compositions and lengths, rows joining and leaving, is each row alone', async () => {
    const requests = await Promise.all(
      ['lora', null, 'gated', 'lora + wide', 'prefix + rows + lora + "the boat" + ia3 + gated + top', 'ia3', 'rows', 'gated + top', 'lora'].map(
        async (expression, i) => ({
          composition: expression === null ? null : await named(expression),
          maxTokens: [24, 9, 17, 30, 12, 5, 21, 14, 8][i]!,
          prompt: i % 3 === 1 ? 'a much longer prompt that is fed in several chunks between the steps of others' : 'in the beginning',
        }),
      ),
    )
    const alone: Awaited<ReturnType<typeof run>>[] = []
    for (const { composition, prompt, maxTokens } of requests) alone.push(await run(composition, prompt, { maxTokens }))
    for (let round = 0; round < 2; round++) {
      const together = await Promise.all(requests.map(({ composition, prompt, maxTokens }) => run(composition, prompt, { maxTokens })))
      together.forEach(({ tokens, top }, i) => {
        expect(tokens).toEqual(alone[i]!.tokens)
        top.forEach((step, t) => expect(distance(step, alone[i]!.top[t]!)).toBeLessThan(1e-4))
      })
      requests.reverse()
      alone.reverse()
    }
  })

  test('a crowd of every kind of request, some of which are given up, is each alone', async () => {
    const random = new Random('crowd')
    const expressions = [null, ...cases.map(([expression]) => expression)]
    const compositions = await Promise.all(expressions.map(async (expression) => (expression === null ? null : named(expression))))
    const scoreOf = async (composition: Named) => (await engine.score(composition, { texts: ['over and under'] })).results[0]!.logprob
    const alone: (Awaited<ReturnType<typeof run>> & { logprob: number })[] = []
    for (const composition of compositions)
      alone.push({ ...(await run(composition, 'over and under', { maxTokens: 16 })), logprob: await scoreOf(composition) })
    await Promise.all(
      Array.from({ length: 24 }, async () => {
        const [which, maxTokens, kind] = [random.integer(compositions.length), 1 + random.integer(16), random.integer(4)]
        const composition = compositions[which]!
        for (let wait = random.integer(200); wait > 0; wait--) await new Promise((resolve) => setImmediate(resolve))
        if (kind === 0) return expect(await scoreOf(composition)).toBeCloseTo(alone[which]!.logprob, 3)
        if (kind === 1) {
          for await (const _ of await engine.generate(composition, greedy('over and under', { maxTokens: 100 }))) if (random.integer(4) === 0) break
          return
        }
        expect((await run(composition, 'over and under', { maxTokens })).tokens).toEqual(alone[which]!.tokens.slice(0, maxTokens))
      }),
    )
  })

  test('cancelled rows leave, and what they did inside layers leaves with them', async () => {
    const bare = await run(null, 'stays', { maxTokens: 40 })
    const gone = new AbortController()
    const staying = run(null, 'stays', { maxTokens: 40 })
    let seen = 0
    for await (const event of await engine.generate(await named('lora + gated'), greedy('leaves', { maxTokens: 300 }), gone.signal)) {
      if (++seen === 3) gone.abort()
      if ('finishReason' in event) expect(event.finishReason).toBe('cancelled')
    }
    const { tokens, top } = await staying
    expect(tokens).toEqual(bare.tokens)
    top.forEach((step, t) => expect(distance(step, bare.top[t]!)).toBeLessThan(1e-4))
  })

  test('rows too large to stand side by side follow one another', async () => {
    const small = await open({ layerBytes: 1 })
    try {
      const compositions = [await named('lora'), await named('wide'), null, await named('gated')]
      const together = await Promise.all(compositions.map((composition) => run(composition, 'turn by turn', {}, small)))
      for (const [i, composition] of compositions.entries()) expect(together[i]!.tokens).toEqual((await run(composition, 'turn by turn')).tokens)
    } finally {
      await small.close()
    }
  })

  test('no more rows than may wait have their sessions made at once', async () => {
    const small = await open({ maxWaiting: 2 })
    try {
      const composition = await named('lora + gated')
      const asked = await Promise.allSettled(Array.from({ length: 4 }, () => run(composition, 'a flood', {}, small)))
      expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
      for (const outcome of asked) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'too_many_waiting', status: 429 })
    } finally {
      await small.close()
    }
  })

  test('what a process is to keep of compositions bounds what an engine keeps of them', async () => {
    const loras = Array.from(
      { length: 4 },
      (_, i): Named => ({ key: `lora ${i}`, composed: { ...unplaced, sites: lowRank(model.spec, attention, 3, `lora ${i}`) } }),
    )
    const tensorsKept = async (compositionBytes?: number) => {
      const small = await open({ ...(compositionBytes !== undefined && { compositionBytes }) })
      try {
        const kept: number[] = []
        for (const lora of loras) {
          await run(lora, 'one by one', {}, small)
          await small.idle()
          kept.push(runtime.live.tensor!)
        }
        await Promise.all(loras.map((lora) => run(lora, 'side by side', {}, small)))
        await small.idle()
        return [...kept, runtime.live.tensor!].map((tensors) => tensors - kept[0]!)
      } finally {
        await small.close()
      }
    }
    const each = Object.keys(adapterTensors(loras[0]!.composed, model.spec)!.alone.inputs).length
    expect((await tensorsKept()).slice(0, 4), 'by itself it keeps them').toEqual([0, each, 2 * each, 3 * each])
    expect((await tensorsKept(1)).slice(0, 4), 'the last one is bound').toEqual([0, 0, 0, 0])
    expect((await tensorsKept(1))[4]!, 'nor are there copies of rows that are done').toBeLessThan((await tensorsKept())[4]! - 3 * each)
  })

  test('closing gives every native object back', async () => {
    const before = runtime.live
    const short = await open()
    const compositions = [await named('lora'), null, await named('gated'), await named('prefix + rows + lora + "the boat" + ia3 + gated + top')]
    await Promise.all([...compositions.map((composition) => run(composition, 'close', {}, short)), short.score(compositions[3]!, { texts: ['close'] })])
    await short.close()
    expect(runtime.live).toEqual(before)
  })
})

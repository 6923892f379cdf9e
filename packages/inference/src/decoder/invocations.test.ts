import { rmSync } from 'node:fs'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { composedOf } from '@weft/test/cases/serving/composed'
import { lowRank, waiting } from '@weft/test/cases/serving/in-layers'
import { randomTensor, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Asked, Engine, Named } from '../engine.ts'
import { collect, type GenerateOptions } from '../generation/generate.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache, type PrefixCache } from '../prefix-cache/prefix-cache.ts'

const runtime = openRuntime()
const greedily: Omit<GenerateOptions, 'prompt'> = { maxTokens: 8, temperature: 0, topP: 1, topK: 0, stop: [] }
const options = { runtime, device: 'cpu', threads: 1, maxBatch: 8, maxWaiting: 64, prefillChunk: 24 } as const

describe('what was read without the adapter', () => {
  const folder = writeTinyLlama()
  let model: LoadedModel
  let kept: PrefixCache
  let engine: Engine
  let alone: Engine
  const named = new Map<string, NonNullable<Named>>()

  beforeAll(async () => {
    model = await loadModel(folder)
    const { spec } = model
    const adapters = {
      check: waiting(spec, ['q_proj', 'k_proj', 'v_proj', 'down_proj'], 3, 'check', tokensOf('Check: ')),
      judge: waiting(spec, ['q_proj', 'v_proj'], 2, 'judge', tokensOf('Judge: ')),
      lora: lowRank(spec, ['k_proj', 'v_proj'], 2, 'lora'),
      // The same additions at every token.
      always: lowRank(spec, ['q_proj', 'k_proj', 'v_proj', 'down_proj'], 3, 'check'),
      prefix: { keyValue: { prefix: randomTensor([spec.numLayers, 2, spec.numKeyValueHeads, 4, spec.headDim], 'prefix') } },
    }
    const dormant: [string, string | null | undefined][] = [
      ['check', null],
      ['0.5*check', null],
      ['judge', null],
      ['check + judge', null],
      ['check + lora', 'lora'],
      ['check + prefix', 'prefix'],
      ['lora', undefined],
      ['always', undefined],
      ['prefix', undefined],
    ]
    for (const [expression, key] of dormant) {
      const { composed } = await composedOf(model, adapters, expression)
      named.set(expression, { key: expression, composed: key === undefined ? composed : { ...composed, dormantKey: key } })
    }
    kept = createPrefixCache(64e6)
    engine = await openEngine(model, { ...options, fixed: kept })
    alone = await openEngine(model, { ...options, fixed: createPrefixCache(0) })
  })
  afterAll(async () => {
    await engine.close()
    await alone.close()
    rmSync(folder, { recursive: true })
  })

  const tokensOf = (text: string): number[] => model.tokenizer!.encode(text, { addSpecialTokens: false })
  const whole = (tokens: number): number => Math.floor(tokens / 16) * 16
  const asked = (expression: string | null): Asked => (expression === null ? null : named.get(expression)!)
  const answer = async (of: Engine, what: Asked, text: string) =>
    (await collect(await of.generate(what, { ...greedily, prompt: { tokens: tokensOf(text) } }))).tokens
  /** Its tokens with what others have left, which are those without; and how many of the prompt's were found. */
  const ask = async (what: Asked, text: string) => {
    const before = kept.counts
    const tokens = await answer(engine, what, text)
    expect(tokens, text).toEqual(await answer(alone, what, text))
    expect(kept.counts.queriedTokens - before.queriedTokens).toBeGreaterThanOrEqual(tokensOf(text).length)
    return { tokens, hits: kept.counts.hitTokens - before.hitTokens }
  }

  const chat = 'User: who draws the thread through the warp of the loom? Weaver: the shuttle does, from one side to the other. '

  test('a bare conversation serves an adapter that is asked about it, and that one its like', async () => {
    await ask(null, chat)
    const before = whole(tokensOf(chat).length)
    expect((await ask(asked('check'), `${chat}Check: is it so?`)).hits).toBe(before)
    expect((await ask(asked('0.5*check'), `${chat}Check: is it so?`)).hits).toBe(before)
    expect((await ask(asked('judge'), `${chat}Judge: is it good?`)).hits).toBe(before)
    expect((await ask(asked('check + judge'), `${chat}Judge: is it good? Check: is it so?`)).hits).toBe(before)
    // What an adapter leaves before its invocation serves the base too.
    const other = `${chat}And who beats it up? Weaver: the reed. `
    await ask(asked('check'), `${other}Check: is it so?`)
    expect((await ask(null, other)).hits).toBe(whole(tokensOf(other).length - 1))
  })

  test('what it read itself serves itself, and nobody else', async () => {
    kept.clear()
    await ask(null, chat)
    const text = `${chat}Check: is it so, and if so, why do you say that it is so?`
    await ask(asked('check'), text)
    expect((await ask(asked('check'), `${text} Tell.`)).hits).toBe(whole(tokensOf(text).length))
    // To the judge it is a text without its invocation, so that it reads what the base has read.
    for (const other of ['0.5*check', null]) expect((await ask(asked(other), `${text} Tell.`)).hits, String(other)).toBe(whole(tokensOf(chat).length))
    expect((await ask(asked('judge'), `${text} Tell.`)).hits).toBe(whole(tokensOf(text).length))
    // A second invocation is where it begins then: the first is a text like any other.
    expect((await ask(asked('check'), `${text} Check: once more?`)).hits).toBeGreaterThanOrEqual(whole(tokensOf(text).length))
  })

  test('beside adapters that act at once, what was read before is theirs', async () => {
    await ask(asked('lora'), chat)
    await ask(asked('prefix'), chat)
    const before = whole(tokensOf(chat).length)
    for (const expression of ['check + lora', 'check + prefix']) {
      expect((await ask(asked(expression), `${chat}Check: is it so?`)).hits, expression).toBe(before)
      expect((await ask(asked(expression), `${chat}Check: is it so?`)).hits, expression).toBeGreaterThanOrEqual(before)
    }
  })

  test('without its invocation it is the base model; begun with it, a plain LoRA', async () => {
    expect((await ask(asked('check'), chat)).tokens).toEqual((await ask(null, chat)).tokens)
    const invoked = 'Check: is it so that the weft is drawn?'
    expect((await ask(asked('check'), invoked)).tokens).toEqual((await ask(asked('always'), invoked)).tokens)
    expect((await ask(asked('check'), invoked)).tokens).not.toEqual((await ask(null, invoked)).tokens)
  })

  test('an invocation across the edge of a block, and at the very end', async () => {
    const filled = (length: number): string => 'ab '.repeat(length).slice(0, length)
    for (const length of [10, 12, 15, 16, 17, 31, 32]) {
      await ask(null, filled(length))
      await ask(asked('check'), `${filled(length)}Check: `)
      await ask(asked('check'), `${filled(length)}Check: now`)
    }
  })

  test('operands of experts wait each in a row of its own', async () => {
    const experts: Asked = { operator: 'experts', operands: ['check', 'lora'].map((key) => ({ named: named.get(key)!, weight: 1, level: 0.5 })) }
    await ask(experts, `${chat}Check: is it so?`)
    expect((await ask(experts, `${chat}Check: is it so?`)).hits).toBeGreaterThan(0)
  })

  test('rows of every kind share a step, and each is what it is alone', async () => {
    const texts = [chat, `${chat}Check: is it so?`, 'Judge: x', `${chat}Judge: is it good? Check: is it so?`]
    const requests = [null, ...named.keys()].flatMap((expression) => texts.map((text) => ({ expression, text })))
    const together = await Promise.all(requests.map(({ expression, text }) => answer(engine, asked(expression), text)))
    for (const [i, { expression, text }] of requests.entries())
      expect(together[i], `${expression}: ${text}`).toEqual(await answer(alone, asked(expression), text))
  })

  test('experts that score a text see it wherever it stands there, as one does', async () => {
    const experts: Asked = { operator: 'product', operands: ['check', 'judge'].map((key) => ({ named: named.get(key)!, weight: 1, level: 0.5 })) }
    const score = async (of: Engine, what: Asked, text: string, prompt?: string) =>
      (await of.score(what, { texts: [text], ...(prompt && { prompt }) })).results[0]
    // The other waits for tokens that are not there, and says nothing.
    for (const [text, prompt] of [
      [`${chat}Check: is it so?`],
      ['so, and once more: Check: is it so?', `${chat}Check: is it `],
      ['is it so?', `${chat}Check: `],
    ] as const) {
      const [one, bare] = [await score(alone, named.get('check')!, text, prompt), await score(alone, null, text, prompt)]
      expect(Math.abs(one!.logprob - bare!.logprob)).toBeGreaterThan(1e-2)
      for (const of of [alone, engine, engine]) expect((await score(of, experts, text, prompt))!.logprob).toBeCloseTo(one!.logprob, 2)
    }
  })

  test('scores and vectors see it from its last invocation on', async () => {
    const [plain, invoked] = [chat, `${chat}Check: is it so?`]
    const score = async (what: Named, text: string) => (await engine.score(what, { texts: [tokensOf(text)] })).results[0].logprob
    const check = named.get('check')!
    expect(await score(check, plain)).toBeCloseTo(await score(null, plain), 4)
    expect(Math.abs((await score(check, invoked)) - (await score(null, invoked)))).toBeGreaterThan(1e-2)
    const vector = async (what: Named, text: string) => (await engine.embed(what, [tokensOf(text)], { pooling: 'last' })).vectors[0]
    const apart = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i])))
    expect(apart(await vector(check, plain), await vector(null, plain))).toBeLessThan(1e-4)
    expect(apart(await vector(check, invoked), await vector(null, invoked))).toBeGreaterThan(1e-2)
  })
})

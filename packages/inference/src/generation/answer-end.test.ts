import { rmSync } from 'node:fs'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { afterAll, describe, expect, test } from 'vitest'
import type { Asked, Engine } from '../engine.ts'
import { openEngine } from '../open-engine.ts'
import { createPrefixCache } from '../prefix-cache/prefix-cache.ts'
import { largest } from '../sampling/largest.ts'
import { collect } from './generate.ts'

const runtime = openRuntime()
const open = (of: LoadedModel) =>
  openEngine(of, { runtime, device: 'cpu', threads: 1, fixed: createPrefixCache(1e7), maxBatch: 2, maxWaiting: 8, prefillChunk: 7 })

const nothing = { key: 'nothing', composed: { segments: [], sites: {}, longestPrefix: 0 } }
const together: Asked = { operator: 'product', operands: [{ weight: 1, level: 0, named: nothing }] }

describe.each([
  ['a decoder', writeTinyLlama(), null],
  ['several compositions at the output', writeTinyLlama(), together],
  ['an encoder-decoder', writeTinyT5({ eos_token_id: 1 }), null],
] as const)('choices of %s', async (_, folder, asked) => {
  const model = await loadModel(folder)
  const endless: LoadedModel = { ...model, tokenizer: { ...model.tokenizer!, eosTokenIds: [] } }
  const engines: Engine[] = [await open(model), await open(endless)]
  const [engine, withoutEnd] = engines
  afterAll(async () => {
    await Promise.all(engines.map((each) => each.close()))
    rmSync(folder, { recursive: true })
  })

  const encode = (text: string): number[] => model.tokenizer!.encode(text, { addSpecialTokens: false })
  const end = model.tokenizer!.eosTokenIds[0]!
  const prompt = 'the boat'
  const score = async (texts: (string | number[])[], answers: boolean, of = engine) => (await of.score(asked, { texts, prompt, answers })).results

  test('of which none begins another score as ever', async () => {
    const choices = ['sea', 'weft', 'sun']
    expect(await score(choices, true)).toEqual(await score(choices, false))
    expect(await score(choices, true, withoutEnd)).toEqual(await score(choices, false, withoutEnd))
  })

  test('of which one begins another score as whole answers, all of them', async () => {
    const choices = ['we', 'weft', 'sun']
    expect(encode('weft').slice(0, encode('we').length)).toEqual(encode('we'))
    const whole = choices.map((choice) => [...encode(choice), end])
    expect(await score(choices, true)).toEqual(await score(whole, false))
    // Without the end, what is only begun never scores less.
    const [begun, longer] = await score(choices, false)
    expect(begun!.logprob).toBeGreaterThanOrEqual(longer!.logprob)
  })

  test('of which one begins another are refused where nothing ends an answer', async () => {
    await expect(score(['sun', 'we', 'weft'], true, withoutEnd)).rejects.toMatchObject({
      code: 'choices_without_end',
      status: 422,
      param: 'choices',
      message: expect.stringMatching(/"we" begin those of "weft"/),
    })
  })
})

test('a longer choice wins where the answer surely goes on', async () => {
  const folder = writeTinyLlama()
  const model = await loadModel(folder)
  const engine = await open(model)
  const text = 'the boat'
  const { tokens } = await collect(await engine.generate(null, { prompt: { text }, maxTokens: 3, temperature: 0, topP: 1, topK: 0, stop: [] }))
  await engine.close()
  // The token that the model itself says next ends an answer here.
  await using ending = await ended(model, tokens[2]!)
  const likeliest = async (answers: boolean) => {
    const { results } = await ending.engine.score(null, { texts: [tokens.slice(0, 1), tokens.slice(0, 2)], prompt: text, answers })
    return largest(
      Float32Array.from(results, ({ logprob }) => logprob),
      1,
    )[0]
  }
  expect([await likeliest(false), await likeliest(true)]).toEqual([0, 1])
  rmSync(folder, { recursive: true })
})

const ended = async (model: LoadedModel, end: number) => {
  const engine = await open({ ...model, tokenizer: { ...model.tokenizer!, eosTokenIds: [end] } })
  return { engine, [Symbol.asyncDispose]: () => engine.close() }
}

import { floatTensor, type TaskType } from '@weft/adapters'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { adapterFile, healthy, json, model, post, publish, script, seen } from '../edge.ts'
import { later } from '../later.ts'

beforeEach(() => script())
afterEach(() => vi.restoreAllMocks())

describe('classify and score', () => {
  test('classify needs a head', async () => {
    expect(await json(post('/v1/classify', { model: 'base', input: 'x' }))).toMatchObject({
      http: 400,
      error: { code: 'no_classifier', message: expect.stringContaining('or give "choices".') },
    })
  })

  test("what there is without a head is said of the base's own tasks", async () => {
    const tasks = { coded: ['SEQ_CLS', 'TOKEN_CLS', 'FEATURE_EXTRACTION'], decoding: ['CAUSAL_LM', 'SEQ_CLS'], both: ['SEQ_2_SEQ_LM'] } satisfies Record<
      string,
      TaskType[]
    >
    // Beside the one that other files ask: what the edge has heard of models is kept for a while, also from here.
    await script(healthy([model, ...Object.entries(tasks).map(([name, can]) => ({ ...model, name, spec: { ...model.spec, tasks: can } }))]))
    later()
    const advice = async (name: keyof typeof tasks) => {
      const { error } = await json(post('/v1/classify', { model: name, input: 'x' }))
      expect(error.code).toBe('no_classifier')
      return error.message.replace(`"${name}" has no classifier head. `, '')
    }
    expect(await advice('coded')).toBe('On this base model, use an adapter of {text, label} or {tokens, labels} rows.')
    expect(await advice('decoding')).toBe('On this base model, use an adapter of {text, label} rows, or give "choices".')
    expect(await advice('both')).toBe('On this base model, give "choices".')
  })

  test('a head of strength 0 is none', async () => {
    const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
    await publish('mail/zero', await adapterFile({ state: head, labels: ['ham', 'spam'], task: 'SEQ_CLS' }))
    expect(await json(post('/v1/classify', { model: '0*mail/zero', input: 'x' }))).toMatchObject({ http: 400, error: { code: 'no_classifier' } })
    expect(await seen()).toEqual([])
  })

  test('words are labelled by a head for tokens, and split by whoever asks', async () => {
    const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
    await publish('names/people', await adapterFile({ state: head, labels: ['O', 'PER'], task: 'TOKEN_CLS' }))
    const token = { index: 0, token: 'Anna', label: 'PER', scores: { O: 0.25, PER: 0.75 } }
    await script({ on: 'POST /classify', json: { results: [{ tokens: [token] }, { tokens: [{ ...token, start: 0, end: 4 }] }] } })
    expect(await json(post('/v1/classify', { model: 'names/people', input: [['Anna', 'calls'], 'Anna calls'] }))).toMatchObject({
      http: 200,
      data: [
        { object: 'token_classification', index: 0, tokens: [token] },
        { index: 1, tokens: [{ start: 0, end: 4, scores: { PER: 0.75 } }] },
      ],
    })
    expect((await seen())[0]!.body).toMatchObject({ inputs: [['Anna', 'calls'], 'Anna calls'] })
  })

  test('what is longer than the context is cut where that is asked for, and the answer says it', async () => {
    const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
    await publish('mail/long', await adapterFile({ state: head, labels: ['ham', 'spam'], task: 'SEQ_CLS' }))
    const result = { label: 'spam', scores: { ham: 0.25, spam: 0.75 }, tokens_read: 64 }
    await script({ on: 'POST /classify', json: { results: [{ ...result, truncated: true }, result] } }, { on: 'POST /classify', json: { results: [result] } })
    const { data } = await json(post('/v1/classify', { model: 'mail/long', input: ['long', 'short'], truncate: true }))
    expect(data[0]).toMatchObject({ index: 0, label: 'spam', tokens_read: 64, truncated: true })
    expect(data[1]).not.toHaveProperty('truncated')
    await json(post('/v1/classify', { model: 'mail/long', input: 'long' }))
    expect((await seen()).map(({ body }: any) => body.truncate)).toEqual([true, false])
    const empty = { model: 'base', input: ['x', ''], choices: [' a', ' b'] }
    await script({ on: 'POST /score', times: 0, json: { results: [' a', ' b'].map(() => ({ tokens: 1, logprob: -1, perplexity: 2 })) } })
    expect(await json(post('/v1/classify', empty))).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'input[1]' } })
    const chosen = { model: 'base', input: 'x', choices: [' a', ' b'], truncate: true }
    expect(await json(post('/v1/classify', chosen))).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'truncate' } })
  })

  test("embeddings have length 1, as numbers or as OpenAI's clients ask for them", async () => {
    const vectors = { on: 'POST /embed', json: { results: [{ embedding: [3, 4] }], usage: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 } } }
    await script(vectors, vectors)
    const [x, y] = [Math.fround(0.6), Math.fround(0.8)]
    expect(await json(post('/v1/embeddings', { model: 'base', input: 'a' }))).toMatchObject({
      http: 200,
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [x, y] }],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    })
    const { data } = await json(post('/v1/embeddings', { model: 'base', input: ['a'], encoding_format: 'base64' }))
    const bytes = Uint8Array.from(atob(data[0].embedding), (c) => c.charCodeAt(0))
    expect([...new Float32Array(bytes.buffer)]).toEqual([x, y])
    expect(await json(post('/v1/embeddings', { model: 'base', input: 'a', dimensions: 8 }))).toMatchObject({
      http: 400,
      error: { code: 'unsupported_parameter', param: 'dimensions' },
    })
  })

  test('choices are scored as answers that compare, also where they are calibrated, and texts are not', async () => {
    const scored = { on: 'POST /score', times: 0, json: { results: [' pos', ' positive'].map(() => ({ tokens: 1, logprob: -1, perplexity: 2 })) } }
    await script(scored)
    const choices = [' pos', ' positive']
    await json(post('/v1/classify', { model: 'base', input: 'x', choices }))
    await publish('mail/choosing', await adapterFile({ value: 0.9 }))
    const input = Array.from({ length: 24 }, (_, i) => `text ${i}`)
    expect(await json(post('/v1/calibrations', { model: 'mail/choosing + "Hm."', input, choices }))).toMatchObject({ http: 200 })
    await json(post('/v1/score', { model: 'base', input: choices }))
    const asked = (await seen()).filter(({ path }) => path === '/score').map(({ body }: any) => body.answers)
    expect(asked).toEqual([true, ...input.map(() => true), undefined])
  })

  test('score gives one result per text', async () => {
    await script({
      on: 'POST /score',
      json: {
        results: [
          { tokens: 2, logprob: -3, perplexity: 4.5 },
          { tokens: 1, logprob: -1, perplexity: 2.7 },
        ],
      },
    })
    expect(await json(post('/v1/score', { model: 'base', input: ['a', 'b'], prompt: 'p' }))).toMatchObject({
      object: 'list',
      data: [
        { object: 'score', index: 0, tokens: 2 },
        { index: 1, perplexity: 2.7 },
      ],
    })
    expect((await seen())[0]!.body).toEqual({ model: 'base', composition: null, tenant: 'default', texts: ['a', 'b'], prompt: 'p' })
  })
})

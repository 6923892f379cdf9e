import { expect, test } from 'vitest'
import { dataOf, generated, json, post, script, seen } from '../edge.ts'

const bytes = (text: string) => [...new TextEncoder().encode(text)]
const read = [
  { token: 'My', id: 4, logprob: null, bytes: bytes('My'), text_offset: 0, top_logprobs: [] },
  {
    token: ' own',
    id: 5,
    logprob: -2,
    bytes: bytes(' own'),
    text_offset: 2,
    top_logprobs: [{ token: ' fellow', id: 6, logprob: -1, bytes: bytes(' fellow') }],
  },
]
const scored = { on: 'POST /score', times: 0, json: { results: [{ tokens: 1, logprob: -2, perplexity: 7.4, logprobs: read }] } }
const chosen = [{ token: ' way', id: 7, logprob: -3, bytes: bytes(' way'), text_offset: 0, top_logprobs: [{ token: ' way', id: 7, logprob: -3 }] }]
const complete = (body: object) => json(post('/v1/completions', { model: 'base', ...body }))

test('the prompt stands before its answer, without asking the runner for more', async () => {
  await script(generated())
  expect((await complete({ prompt: 'My', echo: true })).choices[0].text).toBe('My fellow citizens')
  expect((await seen()).map(({ path }) => path)).toEqual(['/generate'])
})

test('with max_tokens 0 there is the prompt alone, read', async () => {
  await script(scored)
  const { choices, usage } = await complete({ prompt: 'My own', echo: true, max_tokens: 0, logprobs: 1 })
  expect(choices).toEqual([
    {
      index: 0,
      text: 'My own',
      finish_reason: 'length',
      logprobs: { tokens: ['My', ' own'], token_logprobs: [null, -2], top_logprobs: [{}, { ' fellow': -1 }], text_offset: [0, 2] },
    },
  ])
  expect(usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 0, total_tokens: 2 })
  expect(await seen()).toMatchObject([{ path: '/score', body: { texts: ['My own'], logprobs: 1 } }])
})

test("the prompt's log-probabilities stand before those of the answer", async () => {
  await script(scored, { ...generated(' way'), json: { ...(generated(' way').json as object), logprobs: chosen } })
  const { choices } = await complete({ prompt: 'My own', echo: true, logprobs: 1 })
  expect(choices[0]).toMatchObject({
    text: 'My own way',
    logprobs: { tokens: ['My', ' own', ' way'], token_logprobs: [null, -2, -3], text_offset: [0, 2, 6] },
  })
})

test('tokens are echoed as the text that they are, streamed too', async () => {
  await script(scored, {
    on: 'POST /generate',
    events: [
      { data: { token: 7, text: ' way', logprob: chosen[0] } },
      { data: { finish_reason: 'stop', usage: { prompt_tokens: 2, completion_tokens: 1, total_tokens: 3 } } },
    ],
  })
  const data = dataOf(await (await post('/v1/completions', { model: 'base', prompt: [4, 5], echo: true, logprobs: 1, stream: true })).text())
  const chunks = data.slice(0, -1).map((each) => JSON.parse(each).choices[0])
  expect(chunks.map(({ text }) => text).join('')).toBe('My own way')
  expect(chunks.flatMap(({ logprobs }) => logprobs?.text_offset ?? [])).toEqual([0, 2, 6])
  expect((await seen())[0]).toMatchObject({ path: '/score', body: { texts: [[4, 5]] } })
})

test('streamed with max_tokens 0', async () => {
  await script(scored)
  const response = await post('/v1/completions', {
    model: 'base',
    prompt: 'My own',
    echo: true,
    max_tokens: 0,
    stream: true,
    stream_options: { include_usage: true },
  })
  const chunks = dataOf(await response.text())
    .slice(0, -1)
    .map((each) => JSON.parse(each))
  expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, 'length', undefined])
  expect(chunks.at(-1).usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 0 })
})

test('what the runner says of the texts that it reads is said of the field that they stand in', async () => {
  const wrong = {
    on: 'POST /score',
    times: 0,
    status: 400,
    json: { error: { code: 'token_out_of_range', message: 'The token id 99 is not there.', param: 'texts' } },
  }
  await script(wrong)
  expect(await complete({ prompt: [[1, 99]], echo: true, max_tokens: 0 })).toMatchObject({ http: 400, error: { code: 'token_out_of_range', param: 'prompt' } })
  expect(await json(post('/v1/score', { model: 'base', input: 'a' }))).toMatchObject({ http: 400, error: { code: 'token_out_of_range', param: 'input' } })
})

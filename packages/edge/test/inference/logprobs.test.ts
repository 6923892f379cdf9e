import { expect, test } from 'vitest'
import { dataOf, generated, json, post, script } from '../edge.ts'

/** The tokens of "é€": the whole é, then the first two bytes of €, then its last. */
const entries = [
  { token: 'é', id: 7, logprob: -0.1, bytes: [0xc3, 0xa9], text_offset: 0 },
  { token: '\ufffd', id: 8, logprob: -0.2, bytes: [0xe2, 0x82], text_offset: 1 },
  { token: '\ufffd', id: 9, logprob: -0.3, bytes: [0xac], text_offset: 1 },
  { token: '!', id: 10, logprob: -0.4, bytes: [0x21], text_offset: 2 },
]
const alternatives = [
  { token: '\ufffd', id: 8, logprob: -0.2, bytes: [0xe2, 0x82] },
  { token: '\ufffd', id: 11, logprob: -1.2, bytes: [0xe2, 0x83] },
  { token: '\ufffd', id: 12, logprob: -2.2, bytes: [0xef, 0xbf, 0xbd] },
  { token: 'a', id: 13, logprob: -3.2, bytes: [0x61] },
  { token: 'a', id: 14, logprob: -4.2, bytes: [0x61] },
  { token: '__proto__', id: 15, logprob: -5.2, bytes: [...new TextEncoder().encode('__proto__')] },
]
const logprobs = entries.map((entry) => ({ ...entry, top_logprobs: alternatives }))
const whole = { ...generated('é€!'), json: { ...(generated('é€!').json as object), logprobs } }
const chunked = {
  on: 'POST /generate',
  events: [
    ...logprobs.map((logprob, at) => ({ data: { token: logprob.id, text: ['é', '', '€', '!'][at], logprob } })),
    { data: { finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } } },
  ],
}
const expected = {
  tokens: ['é', 'bytes:\\xe2\\x82', 'bytes:\\xac', '!'],
  token_logprobs: [-0.1, -0.2, -0.3, -0.4],
  text_offset: [0, 1, 1, 2],
}
const top = JSON.parse('{"bytes:\\\\xe2\\\\x82": -0.2, "bytes:\\\\xe2\\\\x83": -1.2, "\\ufffd": -2.2, "a": -3.2, "a#14": -4.2, "__proto__": -5.2}')

test('completions keep tokens apart that print alike, and say where each begins', async () => {
  await script(whole, chunked)
  const request = { model: 'base', prompt: 'My', logprobs: 6 }
  const { logprobs: columns } = (await json(post('/v1/completions', request))).choices[0]
  expect(columns).toMatchObject(expected)
  for (const each of columns.top_logprobs) expect(Object.entries(each)).toEqual(Object.entries(top))
  const chunks = dataOf(await (await post('/v1/completions', { ...request, stream: true })).text())
    .slice(0, -1)
    .map((each) => JSON.parse(each).choices[0].logprobs)
    .filter(Boolean)
  for (const [column, values] of Object.entries(expected)) expect(chunks.flatMap((chunk) => chunk[column])).toEqual(values)
})

test('chats have the bytes of every token, and nothing that OpenAI has not', async () => {
  await script(whole, chunked)
  const request = { model: 'base', messages: [{ role: 'user', content: 'Hello' }], logprobs: true, top_logprobs: 6 }
  const content = entries.map(({ token, logprob, bytes }) => ({
    token,
    logprob,
    bytes,
    top_logprobs: alternatives.map(({ id: _, ...rest }) => rest),
  }))
  expect((await json(post('/v1/chat/completions', request))).choices[0].logprobs).toEqual({ content })
  const chunks = dataOf(await (await post('/v1/chat/completions', { ...request, stream: true })).text()).slice(0, -1)
  expect(chunks.flatMap((each) => JSON.parse(each).choices[0].logprobs?.content ?? [])).toEqual(content)
})

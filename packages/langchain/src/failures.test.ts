import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { ChatWeft, WeftEmbeddings, WeftScorer } from './index.ts'

type Answer = { status?: number; body: object; blanks?: string }
const refusal = (code: string, type = 'invalid_request_error') => ({ error: { code, message: `Refused: ${code}.`, type, param: null } })

let answer: (body: { input?: string[] }) => Answer
let asked = 0
const edge = createServer((request, response) => {
  asked++
  let text = ''
  request
    .on('data', (chunk) => (text += chunk))
    .on('end', () => {
      const { status = 200, body, blanks = '' } = answer(JSON.parse(text))
      response.writeHead(status, { 'content-type': 'application/json' }).end(blanks + JSON.stringify(body))
    })
})
let connection: { baseUrl: string; apiKey: string }
beforeAll(async () => {
  await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', () => resolve()))
  connection = { baseUrl: `http://127.0.0.1:${(edge.address() as { port: number }).port}`, apiKey: 'a-key' }
})
afterAll(() => void edge.close())
beforeEach(() => {
  asked = 0
})

test('a refusal of 422 is not asked again', async () => {
  answer = () => ({ status: 422, body: refusal('grammar_dead_end') })
  await expect(new ChatWeft(connection).invoke('We')).rejects.toMatchObject({ status: 422, message: expect.stringContaining('Refused') })
  await expect(new WeftEmbeddings(connection).embedQuery('We')).rejects.toMatchObject({ code: 'grammar_dead_end' })
  expect(asked).toBe(2)
})

test('embeddings are asked for as often as maxRetries says', async () => {
  answer = () => ({ status: 503, body: refusal('runner_unavailable', 'server_error') })
  await expect(new WeftEmbeddings({ ...connection, maxRetries: 0 }).embedQuery('We')).rejects.toMatchObject({ code: 'runner_unavailable' })
  expect(asked).toBe(1)
})

test('an answer that failed after its first byte is the error that it tells', async () => {
  answer = () => ({ body: refusal('runner_unavailable', 'server_error'), blanks: '\n\n' })
  await expect(new ChatWeft({ ...connection, maxRetries: 0 }).invoke('We')).rejects.toMatchObject({ status: 502, message: expect.stringContaining('Refused') })
})

test('with returnExceptions each text that is refused has its error, and each other its answer', async () => {
  const score = (index: number) => ({ object: 'score', index, tokens: 1, logprob: -1, perplexity: 2 })
  answer = ({ input = [] }) =>
    input.includes('too long')
      ? { status: 400, body: refusal('context_length_exceeded') }
      : { body: { object: 'list', model: 'base', data: input.map((_, i) => score(i)) } }
  const scorer = new WeftScorer(connection)
  const one = { tokens: 1, logprob: -1, perplexity: 2 }
  expect(await scorer.batch(['We', 'too long', [], 'They'], undefined, { returnExceptions: true })).toEqual([
    one,
    expect.objectContaining({ code: 'context_length_exceeded' }),
    expect.objectContaining({ code: 'no_text' }),
    one,
  ])
  await expect(scorer.batch(['We', 'too long'])).rejects.toMatchObject({ code: 'context_length_exceeded' })
  asked = 0
  answer = () => ({ status: 403, body: refusal('role_forbidden') })
  expect(await scorer.batch(['We', 'They'], undefined, { returnExceptions: true })).toEqual([
    expect.objectContaining({ code: 'role_forbidden' }),
    expect.objectContaining({ code: 'role_forbidden' }),
  ])
  expect(asked).toBe(1)
})

test('tokens that are counted ahead are counted here, and no other site is asked', async () => {
  const ask = vi.spyOn(globalThis, 'fetch')
  try {
    expect(await new ChatWeft(connection).getNumTokens('My fellow citizens')).toBe(5)
    expect(await new ChatWeft(connection).getNumTokens([{ type: 'text', text: 'My fellow' }])).toBe(3)
    expect(ask).not.toHaveBeenCalled()
  } finally {
    ask.mockRestore()
  }
})

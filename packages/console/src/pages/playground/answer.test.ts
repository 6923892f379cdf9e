import { WeftClient } from '@weft/client'
import { expect, test } from 'vitest'
import { type Answer, answers } from './answer.ts'
import { startSettings } from './settings.ts'

/** An edge that answers any request with these events. */
const edge = (...events: object[]): WeftClient =>
  new WeftClient({
    baseUrl: 'http://127.0.0.1:9',
    fetch: async () =>
      new Response(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`, {
        headers: { 'content-type': 'text/event-stream' },
      }),
  })

const lastOf = async (weft: WeftClient, asking: 'completion' | 'chat'): Promise<Answer> => {
  let last: Answer | undefined
  for await (last of answers({ weft, model: 'm', asking, settings: { ...startSettings, prompt: 'Hi' }, turns: [], signal: new AbortController().signal }));
  return last!
}

const head = { id: 'c', created: 1, model: 'm' }
const missing = [{ tokens: [3, 39], text: 'Check:' }]

test('a completion says which adapters waited in vain', async () => {
  const chunk = (choice: object) => ({ ...head, object: 'text_completion', choices: [{ index: 0, text: 'a', finish_reason: null, logprobs: null, ...choice }] })
  const { text, notes } = await lastOf(edge(chunk({}), chunk({ finish_reason: 'stop', not_invoked: missing })), 'completion')
  expect(text).toBe('aa')
  expect(notes).toEqual([expect.stringMatching(/waits for "Check:" as the tokens \[3, 39\]\. End the prompt with that text/)])
})

test('a chat does, and says once what was chosen', async () => {
  const auto = { expression: 'base', operands: [{ operand: 'style/a', score: -2, strength: 0 }] }
  const chunk = (choice: object) => ({
    ...head,
    object: 'chat.completion.chunk',
    auto,
    choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null, ...choice }],
  })
  const { notes } = await lastOf(edge(chunk({}), chunk({ finish_reason: 'stop', not_invoked: missing })), 'chat')
  expect(notes).toEqual([
    expect.stringMatching(/^auto\(…\) chose base: the request is not like the probes of any operand/),
    '  style/a: strength 0 (score -2.00)',
    expect.stringContaining('ask in the mode Completion'),
  ])
})

import { embed, generateText, streamText } from 'ai'
import { expect, test } from 'vitest'
import { createWeft } from './provider.ts'

const head = { id: 'c', created: 1, model: 'base' }
const answer = { ...head, object: 'text_completion', choices: [{ index: 0, text: ' citizens', finish_reason: 'stop', logprobs: null }] }

/** A provider whose requests are kept, and are answered with this. */
const asked = (body: unknown) => {
  const bodies: Record<string, unknown>[] = []
  const weft = createWeft({
    baseUrl: 'http://127.0.0.1:9',
    apiKey: 'a-key',
    fetch: async (_, init) => {
      bodies.push(JSON.parse(init!.body as string))
      const isStream = bodies.at(-1)!.stream === true
      return isStream
        ? new Response(`data: ${JSON.stringify(body)}\n\ndata: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } })
        : new Response(`\n\n${JSON.stringify(body)}`, { headers: { 'content-type': 'application/json' } })
    },
  })
  return { weft, bodies }
}

test('a completion model continues the prompt as it is, and stops where it is told to', async () => {
  const { weft, bodies } = asked(answer)
  const model = weft.completionModel('base + style/speech')
  const { text, warnings } = await generateText({ model, prompt: 'My fellow' })
  await generateText({
    model,
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'My ' },
          { type: 'text', text: 'fellow' },
        ],
      },
    ],
    stopSequences: ['.'],
  })
  await streamText({ model, prompt: 'My fellow' }).consumeStream()
  expect([text, warnings]).toEqual([' citizens', []])
  expect(bodies.map(({ prompt, stop }) => [prompt, stop])).toEqual([
    ['My fellow', undefined],
    ['My fellow', ['.']],
    ['My fellow', undefined],
  ])
  expect(bodies[0]).toMatchObject({ model: 'base + style/speech' })
})

test('a completion model writes several messages out as a talk, and refuses what is no text', async () => {
  const { weft, bodies } = asked(answer)
  const model = weft.completionModel('base')
  await generateText({ model, system: 'Be brief.', prompt: 'Who?' })
  expect(bodies[0]).toMatchObject({ prompt: 'Be brief.\n\nuser:\nWho?\n\nassistant:\n', stop: ['\nuser:'] })
  const file = { type: 'file' as const, data: new Uint8Array([1]), mediaType: 'application/pdf' }
  await expect(generateText({ model, messages: [{ role: 'user', content: [file] }], maxRetries: 0 })).rejects.toThrow(/file parts in a text that is continued/)
  expect(bodies).toHaveLength(1)
})

test('an answer that failed after its first byte is the error that it tells', async () => {
  const late = { error: { code: 'runner_unavailable', message: 'No runner answers.', type: 'server_error', param: null } }
  const { weft } = asked(late)
  const refused = expect.objectContaining({ message: 'No runner answers.', statusCode: 502, isRetryable: true })
  await expect(generateText({ model: weft('base'), prompt: 'We', maxRetries: 0 })).rejects.toEqual(refused)
  await expect(generateText({ model: weft.completionModel('base'), prompt: 'We', maxRetries: 0 })).rejects.toEqual(refused)
  await expect(embed({ model: weft.embeddingModel('base'), value: 'We', maxRetries: 0 })).rejects.toEqual(refused)
})

import assert from 'node:assert/strict'
import OpenAI from 'openai'
import { zodResponsesFunction, zodTextFormat } from 'openai/helpers/zod'
import * as z from 'zod'
import type { Program } from './program.ts'

const mail = z.object({ kind: z.enum(['spam', 'ham']), urgent: z.boolean() })
const weather = z.object({ city: z.enum(['Bern', 'Rome']) })

/** OpenAI's SDK: chats, responses, conversations, functions, embeddings and completions. */
const program: Program = async ({ model, encoder, ...connection }) => {
  const openai = new OpenAI({ ...connection, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'We the people' }]

  const chat = await openai.chat.completions.create({ model, messages, max_tokens: 8 })
  assert.equal(typeof chat.choices[0]?.message.content, 'string')
  let streamed = ''
  for await (const chunk of await openai.chat.completions.create({ model, messages, max_tokens: 8, temperature: 0, stream: true }))
    streamed += chunk.choices[0]?.delta.content ?? ''
  assert.equal((await openai.chat.completions.create({ model, messages, max_tokens: 8, temperature: 0 })).choices[0]?.message.content, streamed)

  const format = { text: { format: zodTextFormat(mail, 'mail') } }
  const parsed = await openai.responses.parse({ model, input: 'You have won a prize', max_output_tokens: 60, ...format })
  mail.parse(parsed.output_parsed)

  const first = await openai.responses.create({ model, input: 'My name is Ada.', instructions: 'Be brief.', max_output_tokens: 8 })
  const stream = openai.responses.stream({ model, input: 'What is my name?', previous_response_id: first.id, max_output_tokens: 8 })
  let text = ''
  stream.on('response.output_text.delta', ({ delta }) => (text += delta))
  const second = await stream.finalResponse()
  assert.equal(second.output_text, text)
  const read = []
  for await (const item of openai.responses.inputItems.list(second.id, { order: 'asc' })) read.push(item.type)
  assert.deepEqual(read, ['message', 'message', 'message'])
  assert.equal((await openai.responses.retrieve(second.id)).output_text, text)
  await openai.responses.delete(second.id)
  await assert.rejects(openai.responses.retrieve(second.id), OpenAI.NotFoundError)

  const tools = [zodResponsesFunction({ name: 'weather', parameters: weather })]
  const asked = await openai.responses.parse({ model, input: 'Weather in Bern?', tools, tool_choice: 'required', max_output_tokens: 40 })
  const [call] = asked.output
  assert(call?.type === 'function_call')
  weather.parse(JSON.parse(call.arguments))
  const results = [{ type: 'function_call_output' as const, call_id: call.call_id, output: 'Rain.' }]
  const input = [{ role: 'user' as const, content: 'Weather in Bern?' }, call, ...results]
  for (const rest of [{ input }, { input: results, previous_response_id: asked.id }])
    assert.equal(typeof (await openai.responses.create({ model, ...rest, max_output_tokens: 8 })).output_text, 'string')

  const { data } = await openai.embeddings.create({ model: encoder, input: ['the boat', 'a sailor'] })
  assert.equal(data.length, 2)
  assert(Math.abs(Math.hypot(...data[0]!.embedding) - 1) < 1e-4)

  const listed = await openai.completions.create({ model, prompt: ['We the', 'Call me'], max_tokens: 4 })
  assert.deepEqual(
    listed.choices.map(({ index }) => index),
    [0, 1],
  )
  assert((await openai.models.list()).data.some(({ id }) => id === model))
}
export default program

import assert from 'node:assert/strict'
import { createOpenAI, type OpenAILanguageModelResponsesOptions } from '@ai-sdk/openai'
import { embedMany, generateText, type ModelMessage, streamText } from 'ai'
import { sdkProgram, weather } from './ai-sdk.ts'
import type { Program } from './program.ts'

/** The AI SDK with OpenAI's provider, which asks /v1/responses unless told otherwise. */
const program: Program = async ({ model, encoder, ...connection }) => {
  const openai = createOpenAI(connection)
  const common = { model: openai(model), maxRetries: 0, maxOutputTokens: 40 }

  const answered = await sdkProgram(openai(model))
  const tooled = streamText({ ...common, prompt: 'Weather in Bern?', tools: { weather }, toolChoice: { type: 'tool', toolName: 'weather' } })
  await tooled.consumeStream()
  assert.equal((await tooled.toolResults).length, 1)

  // What was said before goes back as references to kept items, or as itself.
  const turn: ModelMessage[] = [{ role: 'user', content: 'We the people' }, ...answered.response.messages, { role: 'user', content: 'And then?' }]
  for (const store of [true, false])
    await generateText({ ...common, messages: turn, providerOptions: { openai: { store } satisfies OpenAILanguageModelResponsesOptions } })
  const previousResponseId = answered.providerMetadata?.openai?.responseId as string
  await generateText({ ...common, prompt: 'And then?', providerOptions: { openai: { previousResponseId } satisfies OpenAILanguageModelResponsesOptions } })

  const { embeddings } = await embedMany({ model: openai.embedding(encoder), values: ['the boat', 'a sailor'], maxRetries: 0 })
  assert.equal(embeddings.length, 2)
  assert.equal(typeof (await generateText({ ...common, model: openai.completion(model), prompt: 'We the' })).text, 'string')
  assert.equal(typeof (await generateText({ ...common, model: openai.chat(model), prompt: 'We the' })).text, 'string')
}
export default program

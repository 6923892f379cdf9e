import assert from 'node:assert/strict'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embedMany, generateText } from 'ai'
import { sdkProgram } from './ai-sdk.ts'
import type { Program } from './program.ts'

/** The AI SDK with the provider for everything that speaks OpenAI's API: chats, completions, embeddings. */
const program: Program = async ({ baseURL, apiKey, model, encoder }) => {
  const weft = createOpenAICompatible({ name: 'weft', baseURL, apiKey, supportsStructuredOutputs: true, includeUsage: true })
  const common = { model: weft(model), maxRetries: 0, maxOutputTokens: 40 }

  await sdkProgram(weft(model))
  assert.equal(typeof (await generateText({ ...common, model: weft.completionModel(model), prompt: 'We the' })).text, 'string')
  const { embeddings } = await embedMany({ model: weft.embeddingModel(encoder), values: ['the boat', 'a sailor'], maxRetries: 0 })
  assert.equal(embeddings.length, 2)
}
export default program

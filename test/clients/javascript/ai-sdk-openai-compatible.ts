import assert from 'node:assert/strict'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from 'ai'
import * as z from 'zod'
import type { Program } from './program.ts'

const mail = z.object({ kind: z.enum(['spam', 'ham']), urgent: z.boolean() })
const weather = tool({ description: 'Of a city', inputSchema: z.object({ city: z.enum(['Bern', 'Rome']) }), execute: async ({ city }) => `Rain in ${city}.` })

/** The AI SDK with the provider for everything that speaks OpenAI's API: chats, completions, embeddings. */
const program: Program = async ({ baseURL, apiKey, model, encoder }) => {
  const weft = createOpenAICompatible({ name: 'weft', baseURL, apiKey, supportsStructuredOutputs: true, includeUsage: true })
  const common = { model: weft(model), maxRetries: 0, maxOutputTokens: 40 }

  assert.equal(typeof (await generateText({ ...common, prompt: 'We the people' })).text, 'string')
  const stream = streamText({ ...common, prompt: 'We the people' })
  let text = ''
  for await (const piece of stream.textStream) text += piece
  assert.equal(await stream.text, text)
  assert((await stream.usage).outputTokens! > 0)

  const { output } = await generateText({ ...common, maxOutputTokens: 80, prompt: 'You have won', output: Output.object({ schema: mail }) })
  mail.parse(output)

  const called = await generateText({
    ...common,
    prompt: 'Weather in Bern?',
    tools: { weather },
    stopWhen: stepCountIs(2),
    prepareStep: ({ stepNumber }) => ({ toolChoice: stepNumber === 0 ? 'required' : 'none' }),
  })
  assert.equal(called.steps.length, 2)
  assert.match(String(called.steps[0]!.toolResults[0]?.output), /^Rain in/)

  assert.equal(typeof (await generateText({ ...common, model: weft.completionModel(model), prompt: 'We the' })).text, 'string')
  const { embeddings } = await embedMany({ model: weft.embeddingModel(encoder), values: ['the boat', 'a sailor'], maxRetries: 0 })
  assert.equal(embeddings.length, 2)
}
export default program

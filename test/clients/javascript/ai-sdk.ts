import assert from 'node:assert/strict'
import { generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai'
import * as z from 'zod'

const mail = z.object({ kind: z.enum(['spam', 'ham']), urgent: z.boolean() })
export const weather = tool({
  description: 'Of a city',
  inputSchema: z.object({ city: z.enum(['Bern', 'Rome']) }),
  execute: async ({ city }) => `Rain in ${city}.`,
})

/** What the AI SDK does with a model of any provider: answers, streams, objects, tools. Gives the first answer. */
export async function sdkProgram(model: LanguageModel) {
  const common = { model, maxRetries: 0, maxOutputTokens: 40 }
  const answered = await generateText({ ...common, prompt: 'We the people' })
  assert.equal(typeof answered.text, 'string')
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
  return answered
}

import {
  chatCompletionRequestSchema,
  chatCompletionSchema,
  classifyRequestSchema,
  classifyResponseSchema,
  explainRequestSchema,
  explainResponseSchema,
  textSchema,
  usageSchema,
} from '@weft/protocol'
import * as z from 'zod/mini'
import { mcpTool } from '../tool.ts'

export const explain = mcpTool({
  name: 'explain',
  title: 'Explain a composition',
  description:
    'What an expression would run, without running it: its terms and their strengths, the sites where they act, virtual tokens, its key, labels, and what the policies say.',
  input: explainRequestSchema,
  answer: explainResponseSchema,
  readOnly: true,
  run: ({ model, maxTokens, input }, { weft }) => weft.explain(model, { ...(maxTokens != null && { maxTokens }), ...(input != null && { input }) }),
})

export const classify = mcpTool({
  name: 'classify',
  title: 'Label texts',
  description:
    'Labels texts with a classifier such as "mail/spam", or with any composition and the labels to choose from ("choices"). Each answer has the label and the probability of every label.',
  input: classifyRequestSchema,
  answer: classifyResponseSchema,
  readOnly: true,
  run: (asked, { weft, signal }) => weft.classifyAny(asked, { signal }),
})

const { model, maxTokens, temperature, topP, seed, stop, responseFormat, structuredOutputs, messages } = chatCompletionRequestSchema.shape
const { twin, auto } = chatCompletionSchema.shape

export const ask = mcpTool({
  name: 'ask',
  title: 'Ask a composition',
  description:
    'Generates an answer to messages of a chat, or the continuation of a prompt, under a composition such as "base + style/speech". It says what auto(…) chose, and whether the text of a route stood in for its composition.',
  input: z
    .strictObject({
      model,
      messages: z.optional(messages),
      prompt: z.optional(textSchema),
      maxTokens,
      temperature,
      topP,
      seed,
      stop,
      responseFormat,
      structuredOutputs,
    })
    .check(
      z.refine(({ messages, prompt }) => (messages === undefined) !== (prompt === undefined), {
        path: ['messages'],
        error: 'expected either messages or a prompt',
      }),
    ),
  answer: z.object({ text: z.string(), finishReason: z.nullable(z.string()), usage: z.optional(z.nullable(usageSchema)), twin, auto }),
  readOnly: true,
  async run({ messages, prompt, ...rest }, { weft, signal }) {
    if (messages !== undefined) {
      const { choices, usage, twin, auto } = await weft.chat.create({ ...rest, messages }, { signal })
      return { text: choices[0]!.message.content ?? '', finishReason: choices[0]!.finishReason, usage, twin, auto }
    }
    const { choices, usage, twin, auto } = await weft.completions.create({ ...rest, prompt: prompt! }, { signal })
    return { text: choices[0]!.text, finishReason: choices[0]!.finishReason, usage, twin, auto }
  },
})

import * as z from 'zod/mini'
import { chosenLogprobSchema } from '../inference/usage.ts'
import { outputTextSchema } from './content.ts'
import { outputItemSchema } from './items.ts'
import { responseSchema } from './response.ts'

/** Counts from 0. */
const sequenceNumber = z.int()
const ofResponse = { sequenceNumber, response: responseSchema }
const ofItem = { sequenceNumber, outputIndex: z.int(), item: outputItemSchema }
const inItem = { sequenceNumber, itemId: z.string(), outputIndex: z.int() }
const inPart = { ...inItem, contentIndex: z.int() }
const logprobs = z.array(chosenLogprobSchema)

/** Server-sent events of a streamed response; its name is `type`. The last is `response.completed`, `response.incomplete` or `response.failed`. */
export const responseEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('response.created'), ...ofResponse }),
  z.object({ type: z.literal('response.in_progress'), ...ofResponse }),
  z.object({ type: z.literal('response.output_item.added'), ...ofItem }),
  z.object({ type: z.literal('response.content_part.added'), ...inPart, part: outputTextSchema }),
  z.object({ type: z.literal('response.output_text.delta'), ...inPart, delta: z.string(), logprobs }),
  z.object({ type: z.literal('response.output_text.done'), ...inPart, text: z.string(), logprobs }),
  z.object({ type: z.literal('response.content_part.done'), ...inPart, part: outputTextSchema }),
  z.object({ type: z.literal('response.function_call_arguments.delta'), ...inItem, delta: z.string() }),
  z.object({ type: z.literal('response.function_call_arguments.done'), ...inItem, name: z.string(), arguments: z.string() }),
  z.object({ type: z.literal('response.output_item.done'), ...ofItem }),
  z.object({ type: z.literal('response.completed'), ...ofResponse }),
  z.object({ type: z.literal('response.incomplete'), ...ofResponse }),
  z.object({ type: z.literal('response.failed'), ...ofResponse }),
])
export type ResponseEvent = z.infer<typeof responseEventSchema>

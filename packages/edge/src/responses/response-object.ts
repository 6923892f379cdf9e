import type { WeftError } from '@weft/adapters'
import type { GenerateEnd, OutputItem, ResponseObject, ResponseRequest } from '@weft/protocol'
import { newId, nowSeconds } from '../identifiers.ts'

/** What a response is known by before anything is answered: as its request says, with what holds where it says nothing. */
export const begunResponse = (
  request: ResponseRequest,
  { store, temperature, topP }: { store: boolean; temperature: number; topP: number },
): ResponseObject => ({
  id: newId('resp', '_'),
  object: 'response',
  createdAt: nowSeconds(),
  completedAt: null,
  status: 'in_progress',
  error: null,
  incompleteDetails: null,
  instructions: request.instructions ?? null,
  maxOutputTokens: request.maxOutputTokens ?? null,
  metadata: request.metadata ?? {},
  model: request.model,
  output: [],
  parallelToolCalls: request.parallelToolCalls ?? true,
  previousResponseId: request.previousResponseId ?? null,
  store,
  temperature,
  text: { format: request.text?.format ?? { type: 'text' } },
  toolChoice: request.toolChoice ?? 'auto',
  tools: request.tools ?? [],
  topLogprobs: request.topLogprobs ?? 0,
  topP,
  truncation: request.truncation ?? 'disabled',
  usage: null,
})

/** The same once all is said. An answer that ran out of tokens, or of context, is incomplete. */
export const endedResponse = (begun: ResponseObject, output: OutputItem[], { finishReason, usage, notInvoked }: GenerateEnd): ResponseObject => ({
  ...begun,
  ...(notInvoked && { notInvoked }),
  completedAt: finishReason === 'stop' ? nowSeconds() : null,
  status: statusOf[finishReason],
  incompleteDetails: finishReason === 'length' ? { reason: 'max_output_tokens' } : null,
  output,
  usage: {
    inputTokens: usage.promptTokens,
    inputTokensDetails: { cachedTokens: usage.promptTokensDetails?.cachedTokens ?? 0, cacheWriteTokens: 0 },
    outputTokens: usage.completionTokens,
    outputTokensDetails: { reasoningTokens: 0 },
    totalTokens: usage.totalTokens,
    ...(usage.virtualTokens !== undefined && { virtualTokens: usage.virtualTokens }),
  },
})

const statusOf = { stop: 'completed', length: 'incomplete', cancelled: 'cancelled' } as const

/** The same where something went wrong behind its beginning. */
export const failedResponse = (begun: ResponseObject, output: OutputItem[], { code, message, param }: WeftError): ResponseObject => ({
  ...begun,
  status: 'failed',
  error: { code, message, param: param ?? null },
  output,
})

import type { GenerateInput, Grammar } from '@weft/protocol'
import { notServedByVllm } from './errors.ts'

/**
 * How tokens are chosen, in vLLM's fields. All are said: what is left out vLLM takes from the model's `generation_config.json`.
 * @param room tokens that fit behind the prompt
 * @param composed whether anything stands before the prompt, which vLLM would count among its tokens. Error 422 `not_served_by_vllm`
 */
export function vllmSampling(input: GenerateInput, { room, composed }: { room: number; composed: boolean }): Record<string, unknown> {
  const { maxTokens, temperature = 1, topP = 1, topK = 0, minP, presencePenalty, frequencyPenalty, repetitionPenalty } = input
  const { logitBias, stop = [], seed, grammar } = input
  if (composed && (repetitionPenalty ?? 1) !== 1)
    throw notServedByVllm('tell a prompt from what is composed before it', 'Leave repetition_penalty out, or ask a runner of Weft.', 'repetition_penalty')
  return {
    max_tokens: Math.min(maxTokens ?? Number.POSITIVE_INFINITY, room),
    temperature,
    top_p: topP,
    top_k: topK,
    min_p: minP ?? 0,
    presence_penalty: presencePenalty ?? 0,
    frequency_penalty: frequencyPenalty ?? 0,
    repetition_penalty: repetitionPenalty ?? 1,
    ...(logitBias && Object.keys(logitBias).length > 0 && { logit_bias: logitBias }),
    ...(stop.length > 0 && { stop }),
    ...(seed !== undefined && { seed }),
    ...(grammar && { structured_outputs: structuredOutputs(grammar) }),
  }
}

function structuredOutputs(grammar: Grammar): Record<string, unknown> {
  switch (grammar.type) {
    case 'json_object':
      return { json_object: true }
    case 'json_schema':
      return { json: grammar.schema }
    case 'regex':
      return { regex: grammar.regex }
    case 'choice':
      return { choice: grammar.choice }
    case 'tool_calls':
      throw notServedByVllm('keep an answer to calls of functions here', 'Leave the tools out, or ask a runner of Weft.', 'tools')
  }
}

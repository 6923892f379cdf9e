import type { ChatCompletionRequest, CompletionRequest, GenerateInput, RouteDefaults, samplingFields } from '@weft/protocol'
import { invalidRequest } from '../errors.ts'
import type { CallForm } from './tool-choice.ts'

type Asked = Pick<CompletionRequest, keyof typeof samplingFields> & Pick<ChatCompletionRequest, 'maxCompletionTokens'>

/**
 * A request's sampling, with the route's defaults beneath it, as the runner takes it.
 * @param calls how calls stand in the answer: stops end a text, and an answer that must be a call has none
 */
export function samplingOf(asked: Asked, defaults: RouteDefaults, calls?: CallForm): Omit<GenerateInput, 'model' | 'composition' | 'prompt'> {
  if (asked.maxTokens && asked.maxCompletionTokens && asked.maxTokens !== asked.maxCompletionTokens)
    throw invalidRequest(`it is ${asked.maxTokens}, and max_completion_tokens is ${asked.maxCompletionTokens}: give one of them`, 'max_tokens')
  const stop = calls && calls.kind !== 'tagged' ? undefined : (asked.stop ?? defaults.stop)
  const sampling = {
    maxTokens: asked.maxCompletionTokens ?? asked.maxTokens ?? defaults.maxTokens,
    temperature: asked.temperature ?? defaults.temperature,
    topP: asked.topP ?? defaults.topP,
    topK: asked.topK ?? defaults.topK,
    stop: typeof stop === 'string' ? [stop] : stop,
    seed: asked.seed ?? defaults.seed,
    minP: asked.minP ?? defaults.minP,
    presencePenalty: asked.presencePenalty ?? defaults.presencePenalty,
    frequencyPenalty: asked.frequencyPenalty ?? defaults.frequencyPenalty,
    repetitionPenalty: asked.repetitionPenalty ?? defaults.repetitionPenalty,
    logitBias: asked.logitBias ?? defaults.logitBias,
  }
  return Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined && value !== null))
}

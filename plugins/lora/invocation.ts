import type { ModelSpec } from '@weft/adapters'
import { activatedNeedsDecoder, emptyInvocation } from '@weft/adapters/errors'
import { invalidConfig } from '@weft/methods/errors'
import { type LoraConfig, waits } from './config.ts'

const TOKENS = 'method.lora.alora_invocation_tokens'

/** Error 422 `invocation_needs_decoder`; 400 `invalid_config` for tokens that the model does not have. */
export function checkInvocation(config: LoraConfig, { bidirectional, encoderDecoder, architecture, vocabSize }: ModelSpec): void {
  if (!waits(config)) return
  if (bidirectional || encoderDecoder) throw activatedNeedsDecoder(architecture)
  for (const [i, token] of (config.aloraInvocationTokens ?? []).entries())
    if (token >= vocabSize)
      throw invalidConfig('lora', [{ param: `${TOKENS}[${i}]`, message: `${token} is no token of this model, whose vocabulary ends at ${vocabSize - 1}` }])
}

/** The invocation's text in tokens. Errors 400 `invalid_config` where both are said and differ; 422 `invocation_empty`. */
export function withTokens(config: LoraConfig, tokens: (text: string) => readonly number[]): LoraConfig {
  const { aloraInvocation: text, aloraInvocationTokens: given } = config
  if (text === null) return config
  const read = [...tokens(text)]
  if (read.length === 0) throw emptyInvocation()
  if (given && given.join() !== read.join())
    throw invalidConfig('lora', [
      {
        param: TOKENS,
        message: `alora_invocation_tokens [${given}] are not what this model makes of alora_invocation ${JSON.stringify(text)}, [${read}]; leave one of them out`,
      },
    ])
  return { ...config, aloraInvocationTokens: read }
}

import { contextExceeded } from '../errors.ts'

/**
 * Refuses to measure answers that the model has no positions for: they would end early, and what is told of them would be of fewer tokens.
 * @param virtual tokens that the composition puts before the prompt
 * @throws WeftError `context_length_exceeded`
 */
export function requirePositions(
  maxPositions: number,
  { virtual = 0, promptTokens, tokens }: { virtual?: number; promptTokens: number; tokens: number },
): void {
  if (virtual + promptTokens + tokens > maxPositions) throw contextExceeded(maxPositions, { virtual, promptTokens, tokens })
}

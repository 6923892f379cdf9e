import { tooManyPositions } from '../errors.ts'
import type { ModelSpec } from '../model-spec.ts'

/** Everything that shares the model's positions, in tokens. */
interface PositionParts {
  rows: number
  longestPrefix: number
  text?: number
  prompt?: number
  completion?: number
}

/** The sum of all parts. Error 400 `context_length_exceeded` when the model has fewer positions; it names the parts. */
export function checkPositions(parts: PositionParts, model: Pick<ModelSpec, 'maxPositions'>): number {
  const { rows, longestPrefix, text = 0, prompt = 0, completion = 0 } = parts
  const total = rows + longestPrefix + text + prompt + completion
  if (total > model.maxPositions) throw tooManyPositions({ rows, prefix: longestPrefix, text, prompt, completion }, model.maxPositions)
  return total
}

import { tooManyPositions } from '../errors.ts'
import type { ModelSpec } from '../model-spec.ts'
import type { Composed } from './composed.ts'

/** What a composition takes of a sequence. Texts are left to whoever has the tokenizer. */
export interface VirtualTokens {
  /** Rows before the tokens. */
  rows: number
  /** Columns before every layer's keys, over all prefixes. */
  prefix: number
  /** Positions that prefixes take: the longest alone, since they overlay one another. */
  longestPrefix: number
  texts: string[]
}

export function virtualTokens({ segments, sites, longestPrefix }: Composed): VirtualTokens {
  return {
    rows: segments.reduce((sum, segment) => sum + (segment.kind === 'rows' ? segment.rows.shape[0] : 0), 0),
    prefix: sites.keyValue?.prefix.shape[3] ?? 0,
    longestPrefix,
    texts: segments.flatMap((segment) => (segment.kind === 'text' ? [segment.text] : [])),
  }
}

/** Everything that shares the model's positions, in tokens. */
export interface PositionParts {
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

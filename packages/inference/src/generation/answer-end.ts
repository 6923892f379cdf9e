import type { LoadedModel } from '@weft/model'
import { noAnswerEnd } from '../errors.ts'

/**
 * What stands behind every one of several answers, so that their scores compare: nothing, unless the tokens of one begin another's. What is only begun scores at
 * least as much as what it begins, so there the end-of-text token counts too, with which completions are trained to end.
 *
 * @param own the answers' tokens
 * @throws WeftError `choices_without_end` where the model has no such token
 */
export function answerEnd(
  { tokenizer, spec, name }: LoadedModel,
  texts: readonly (string | readonly number[])[],
  own: readonly (readonly number[])[],
): number[] {
  const pair = beginning(own)
  if (!pair) return []
  const end = tokenizer?.eosTokenIds[0]
  if (end === undefined || end >= spec.vocabSize) throw noAnswerEnd(name, texts[pair.begun]!, texts[pair.whole]!)
  return [end]
}

/** Two of which the first's tokens begin the second's, and more follow. */
function beginning(own: readonly (readonly number[])[]): { begun: number; whole: number } | undefined {
  for (const [begun, start] of own.entries())
    for (const [whole, tokens] of own.entries()) if (start.length < tokens.length && start.every((token, at) => tokens[at] === token)) return { begun, whole }
  return undefined
}

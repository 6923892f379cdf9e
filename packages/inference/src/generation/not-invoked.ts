import { invocationStarts } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'
import type { NotInvoked } from '@weft/protocol'
import type { RowPrefix } from '../sequence.ts'

/** What these compositions wait for and the prompt does not hold, each once. */
export function notInvoked({ tokenizer }: Pick<LoadedModel, 'tokenizer'>, behind: readonly RowPrefix[], prompt: readonly number[]): NotInvoked {
  const invocations = behind.flatMap(({ fixed }) => [...(fixed?.layers?.inputs.values() ?? [])].flatMap((input) => input.invocations ?? []))
  const missing = invocations.filter((invocation) => invocationStarts(prompt, [invocation])[0] === null)
  const once = new Map(missing.map((tokens) => [tokens.join(), [...tokens]]))
  return [...once.values()].map((tokens) => ({ tokens, text: tokenizer?.decode(tokens, { skipSpecialTokens: false }) ?? '' }))
}

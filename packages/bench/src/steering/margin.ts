import type { ModelSession } from '@weft/session'
import type { Judged } from './contrast.ts'

/** How a composition stands to a contrast. */
export interface Margin {
  /** Mean log-probability of the positive sides' tokens less that of the negative sides', in nats a token. */
  margin: number
  /** Share of pairs whose positive side is the likelier one, by the token. */
  preferred: number
  /** Of a token of the reference texts. */
  perplexity: number
}

/** What every text that has no prompt stands behind, so that its first token counts with the base as it does behind a text. */
const START = '\n\n'

/** Scores every text behind the composition. */
export const marginOf = async (session: ModelSession, expression: string, { pairs, reference }: Judged): Promise<Margin> => {
  const sides = { positive: { logprob: 0, tokens: 0 }, negative: { logprob: 0, tokens: 0 } }
  let preferred = 0
  for (const [prompt, group] of Map.groupBy(pairs, ({ prompt = START }) => prompt)) {
    const scored = await session.score(
      expression,
      group.flatMap(({ positive, negative }) => [positive, negative]),
      prompt,
    )
    for (let pair = 0; pair < group.length; pair++) {
      const [positive, negative] = [scored[2 * pair], scored[2 * pair + 1]]
      if (positive.logprob / positive.tokens > negative.logprob / negative.tokens) preferred += 1
      for (const [side, { logprob, tokens }] of Object.entries({ positive, negative }) as ['positive' | 'negative', typeof positive][]) {
        sides[side].logprob += logprob
        sides[side].tokens += tokens
      }
    }
  }
  const texts = await session.score(expression, reference, START)
  const [logprob, tokens] = texts.reduce(([sum, count], text) => [sum + text.logprob, count + text.tokens], [0, 0])
  return {
    margin: sides.positive.logprob / sides.positive.tokens - sides.negative.logprob / sides.negative.tokens,
    preferred: preferred / pairs.length,
    perplexity: Math.exp(-logprob / tokens),
  }
}

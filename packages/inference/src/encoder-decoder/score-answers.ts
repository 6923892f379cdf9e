import type { ScoreResponse } from '@weft/protocol'
import { logitsNotFinite } from '../errors.ts'
import { logSumExp } from '../sampling/sampler.ts'
import { Turns } from '../scheduler/turns.ts'
import type { Answering, EncoderDecoderForward } from './forward.ts'

/** Logits of so many positions are in memory at once. */
const ROWS = 64

/** Log-probabilities (natural) of each answer's tokens to one prompt, the first of them after the start token. */
export async function scoreAnswers(
  forward: EncoderDecoderForward,
  answering: Answering,
  answers: readonly (readonly number[])[],
  { startToken, tokenLogprobs }: { startToken: number; tokenLogprobs?: boolean },
  inTurn: (tokens: number, run: () => Promise<Float32Array>) => Promise<Float32Array>,
): Promise<ScoreResponse['results']> {
  const results: ScoreResponse['results'] = []
  for (const tokens of answers) {
    forward.rewind(answering)
    const logprobs: number[] = []
    for (let at = 0; at < tokens.length; at += ROWS) {
      const fed = [startToken, ...tokens].slice(at, Math.min(at + ROWS, tokens.length))
      const logits = await inTurn(fed.length, () => forward.feed(answering, fed))
      const V = logits.length / fed.length
      const turns = new Turns()
      for (let i = 0; i < fed.length; i++) {
        const row = logits.subarray(i * V, (i + 1) * V)
        logprobs.push(row[tokens[at + i]] - logSumExp(row))
        if (turns.due) await turns.take()
      }
    }
    const logprob = logprobs.reduce((sum, value) => sum + value, 0)
    if (!Number.isFinite(logprob)) throw logitsNotFinite()
    results.push({
      tokens: logprobs.length,
      logprob,
      perplexity: logprobs.length === 0 ? 1 : Math.exp(-logprob / logprobs.length),
      ...(tokenLogprobs && { tokenLogprobs: logprobs }),
    })
  }
  return results
}

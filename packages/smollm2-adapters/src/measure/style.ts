import type { ModelSession } from '@weft/session'
import type { StyleTask } from '../tasks/task.ts'
import { wordDistance } from './word-distance.ts'

export interface Style {
  rows: number
  /** Per token over all held-out passages, their first words apart. */
  perplexity: number
  /** How far the words of continuations are from the author's. */
  distance: number
}

/** Words of a passage that are given, and not judged. */
const GIVEN = 4
const TOKENS = 60

/** @param instruction what stands before everything */
export const styleOf = async (session: ModelSession, expression: string, task: StyleTask, { instruction = '' } = {}): Promise<Style> => {
  let [logprob, tokens] = [0, 0]
  for (const text of task.heldOut) {
    const given = text.split(' ').slice(0, GIVEN).join(' ')
    const [score] = await session.score(expression, [text.slice(given.length)], instruction + given)
    logprob += score.logprob
    tokens += score.tokens
  }
  const sampling = { maxTokens: TOKENS, temperature: 0.8, seed: 1 }
  const written = await Promise.all(
    task.openings.map(async (opening) => `${opening}${(await session.generate(expression, instruction + opening, sampling)).text}`),
  )
  return { rows: task.heldOut.length, perplexity: Math.exp(-logprob / tokens), distance: wordDistance(written.join('\n'), task.training) }
}

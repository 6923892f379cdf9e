import type { ModelSession } from '@weft/session'
import type { Row } from './task.ts'

/** What an adapter scores on rows: `accuracy` and `loss` of a classifier; `loss` per token of texts, or of completions. */
export const scoresOn = async (session: ModelSession, adapter: Uint8Array, rows: readonly Row[]): Promise<Record<string, number>> => {
  await session.add(NAME, adapter)
  const labelled = rows.filter((row) => 'label' in row)
  if (labelled.length > 0) {
    const texts = labelled.map(({ text }) => text)
    const found = await session.classify(NAME, texts)
    const mean = (of: (label: string, i: number) => number): number => labelled.reduce((sum, { label }, i) => sum + of(label, i), 0) / labelled.length
    return {
      accuracy: mean((label, i) => Number(found[i].label === label)),
      loss: mean((label, i) => -Math.log(Math.max(found[i].scores[label], Number.MIN_VALUE))),
    }
  }
  return { loss: await lossOn(session, NAME, rows) }
}

/** Loss per token of texts, or of completions after their prompts, under an expression. */
export const lossOn = async (session: ModelSession, expression: string, rows: readonly Row[]): Promise<number> => {
  let logprob = 0
  let tokens = 0
  for (const row of rows) {
    const [scored] = 'completion' in row ? await session.score(expression, [row.completion], row.prompt) : await session.score(expression, [row.text])
    logprob += scored.logprob
    tokens += scored.tokens
  }
  return -logprob / tokens
}

const NAME = 'measured'

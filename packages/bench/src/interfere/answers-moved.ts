import { argMax, logSumExp } from '@weft/inference/sampling/sampler'
import { type GraphEngine, type TokenBatch, tokenBatch } from '@weft/training'
import { noContext } from '@weft/training/regularize/frozen-context'
import { kullbackLeibler } from '@weft/training/verdict/level'
import { type AskedComposition, askedLogits } from './asked-logits.ts'

/** A text with the positions at which an answer's tokens stand. */
export interface AnsweredTokens {
  tokens: readonly number[]
  answerFrom: number
}

/** What becomes of one answer of an adapter. Nats; divergences are means over the answer's positions. */
export interface AnswerMoved {
  /** KL(alone ‖ composed). */
  divergence: number
  /** KL(alone ‖ base): what the adapter adds by itself. */
  gain: number
  /** Whether greedy decoding would write another token at one of the positions. */
  changed: boolean
  /** Σ log p of the answer's tokens, alone, in the composition and of the base. */
  likelihood: { alone: number; composed: number; base: number }
}

const ROWS = 8

/** How far each answer of an adapter moves in a composition, beside how far the adapter had moved the base. The distributions are held for one batch at a time. */
export const answersMoved = async (
  engine: GraphEngine,
  vocabSize: number,
  texts: readonly AnsweredTokens[],
  alone: AskedComposition,
  composed: AskedComposition,
): Promise<AnswerMoved[]> => {
  const rows = texts.map(({ tokens, answerFrom }) => ({
    tokens: Uint32Array.from(tokens),
    weights: Float32Array.from(tokens, (_, t) => (t >= answerFrom ? 1 : 0)),
    rowWeight: 1,
  }))
  const batches = Array.from({ length: Math.ceil(rows.length / ROWS) }, (_, b) => rows.slice(b * ROWS, (b + 1) * ROWS))
  const answered = ({ weights }: { weights: Float32Array }): number => weights.filter((w) => w > 0).length
  const bucket = {
    rows: Math.min(ROWS, rows.length),
    length: Math.ceil(Math.max(...rows.map(({ tokens }) => tokens.length)) / 8) * 8,
    lossRows: Math.max(...batches.map((batch) => batch.reduce((sum, row) => sum + answered(row), 0))),
  }
  const found: AnswerMoved[] = []
  for (const batch of batches.map((each): TokenBatch => tokenBatch(each, bucket))) {
    const own = (await askedLogits(engine, alone, batch, vocabSize)).slice()
    const bare = (await askedLogits(engine, { contexts: [noContext] }, batch, vocabSize)).slice()
    const beside = await askedLogits(engine, composed, batch, vocabSize)
    let at = 0
    for (const row of batch.rows) {
      const count = answered(row)
      const moved: AnswerMoved = { divergence: 0, gain: 0, changed: false, likelihood: { alone: 0, composed: 0, base: 0 } }
      const answer = row.tokens.slice(-count)
      for (let i = at; i < at + count; i++) {
        const [mine, base, after] = [own, bare, beside].map((logits) => logits.subarray(i * vocabSize, (i + 1) * vocabSize))
        moved.divergence += kullbackLeibler(mine!, after!) / count
        moved.gain += kullbackLeibler(mine!, base!) / count
        moved.changed ||= argMax(mine!) !== argMax(after!)
        const token = answer[i - at]!
        moved.likelihood.alone += mine![token]! - logSumExp(mine!)
        moved.likelihood.composed += after![token]! - logSumExp(after!)
        moved.likelihood.base += base![token]! - logSumExp(base!)
      }
      found.push(moved)
      at += count
    }
  }
  return found
}

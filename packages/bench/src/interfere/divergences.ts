import { type GraphEngine, type TokenBatch, tokenBatch } from '@weft/training'
import { kullbackLeibler } from '@weft/training/run/level'
import { type AskedComposition, askedLogits } from './asked-logits.ts'

/** A text with the positions at which an answer's tokens stand. */
export interface AnsweredTokens {
  tokens: readonly number[]
  answerFrom: number
}

const ROWS = 8

/** Mean KL(alone ‖ composed) over the answer's positions, for each text; nats. Both distributions are held for one batch at a time. */
export const divergences = async (
  engine: GraphEngine,
  vocabSize: number,
  texts: readonly AnsweredTokens[],
  alone: AskedComposition,
  composed: AskedComposition,
): Promise<number[]> => {
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
  const found: number[] = []
  for (const batch of batches.map((each): TokenBatch => tokenBatch(each, bucket))) {
    const before = (await askedLogits(engine, alone, batch, vocabSize)).slice()
    const after = await askedLogits(engine, composed, batch, vocabSize)
    let at = 0
    for (const row of batch.rows) {
      const count = answered(row)
      let sum = 0
      for (let i = at; i < at + count; i++)
        sum += kullbackLeibler(before.subarray(i * vocabSize, (i + 1) * vocabSize), after.subarray(i * vocabSize, (i + 1) * vocabSize))
      found.push(sum / count)
      at += count
    }
  }
  return found
}

import { type GraphEngine, type TokenBatch, tokenBatch } from '@weft/training'
import type { Company } from '@weft/training/regularize/company'

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
  alone: Company,
  composed: Company,
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
    const before = (await engine.logits({ ...batch, company: alone })).data.slice()
    const { data: after } = await engine.logits({ ...batch, company: composed })
    let at = 0
    for (const row of batch.rows) {
      const count = answered(row)
      let sum = 0
      for (let i = at; i < at + count; i++)
        sum += divergence(before.subarray(i * vocabSize, (i + 1) * vocabSize), after.subarray(i * vocabSize, (i + 1) * vocabSize))
      found.push(sum / count)
      at += count
    }
  }
  return found
}

/** KL(softmax(p) ‖ softmax(q)) = Σ softmax(p)·(p − q) − log Σ exp p + log Σ exp q */
const divergence = (p: Float32Array, q: Float32Array): number => {
  const [pMax, qMax] = [largest(p), largest(q)]
  let [pSum, qSum, moved] = [0, 0, 0]
  for (let v = 0; v < p.length; v++) {
    const share = Math.exp(p[v] - pMax)
    pSum += share
    qSum += Math.exp(q[v] - qMax)
    moved += share * (p[v] - q[v])
  }
  return Math.max(0, moved / pSum - (pMax + Math.log(pSum)) + (qMax + Math.log(qSum)))
}

const largest = (values: Float32Array): number => {
  let most = -Infinity
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i]
  return most
}

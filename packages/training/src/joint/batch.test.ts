import { expect, test } from 'vitest'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { jointBatch, lossSpans } from './batch.ts'

const row = (...weights: number[]) => ({ tokens: new Uint32Array(weights.length).fill(3), weights: Float32Array.from(weights), rowWeight: 1 })
const bucket = { rows: 2, length: 3, lossRows: 8 }

test("each adapter's entries of the loss are its own, also where a weight is lost beside one that is far larger", () => {
  const batches = [tokenBatch([row(0, 1e-40, 1e6), row(0, 1, 1)], bucket), tokenBatch([row(0, 1, 1)], bucket)]
  const joint = jointBatch(
    'CAUSAL_LM',
    batches,
    batches.map(({ weight }) => 1 / weight),
  )
  expect(joint.rows.map(({ weights }) => weights.filter((weight) => weight > 0).length)).toEqual([1, 2, 2, 0])
  expect(lossSpans(joint, batches)).toEqual([
    [0, 3],
    [3, 5],
  ])
})

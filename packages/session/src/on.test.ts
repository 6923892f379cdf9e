import { tinySession } from '@weft/test/models/tiny-session'
import { beforeAll, expect, test } from 'vitest'
import type { ModelSession } from './index.ts'

const theSession = tinySession()
let session: ModelSession
beforeAll(() => {
  session = theSession()
})

const rows = ['the weft is drawn', 'the warp stands still', 'a thread in the air', 'another one there'].map((text) => ({ text }))
const short = { numVirtualTokens: 3 }
const methods: Record<string, Record<string, unknown>> = {
  'prompt-tuning': short,
  'prefix-tuning': short,
  'parallel-prefix': short,
  'p-tuning': { ...short, encoderHiddenSize: 4 },
  lora: { r: 2 },
  ia3: {},
  'adaption-prompt': { adapterLen: 2 },
}
const names = Object.keys(methods)
const pairs = names.flatMap((top, i) => [
  [top, names[(i + 1) % names.length]],
  [top, names[(i + 3) % names.length]],
])

test.each(pairs)('%s over a frozen %s: what was trained is what the composition of both answers with', async (top, under) => {
  const train = (name: string, method: string, on?: string) =>
    session.train(name, {
      method,
      config: methods[method],
      rows,
      heldOut: rows,
      ...(on !== undefined && { on }),
      hyperparameters: { maxSteps: 4, batchSize: 4, learningRate: 0.05, evalEvery: 4 },
    })
  await train('under', under)
  const { metrics } = await train('top', top, '0.7*under')
  const scores = await session.score(
    '0.7*under + top',
    rows.map(({ text }) => text),
  )
  const loss = -scores.reduce((sum, { logprob }) => sum + logprob, 0) / scores.reduce((sum, { tokens }) => sum + tokens, 0)
  expect(loss).toBeCloseTo(metrics.loss, 3)
  expect(session.adapter('top').manifest.lineage.required).toEqual([{ ref: 'under', digest: session.adapter('under').digest }])
})

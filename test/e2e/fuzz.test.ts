import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Target } from '../fuzz/requests.ts'
import { fuzzServed, kindNames, targetOf } from '../fuzz/served.ts'
import { type Served, serveTinyModel } from './served-tiny-model.ts'

let served: Served
let target: Target
beforeAll(async () => {
  served = await serveTinyModel()
  target = await targetOf(served.weft.url, served.key)
})
afterAll(() => served?.stop())

test.each(kindNames)('200 hostile %s: every one is answered, none by a fault of ours, and the service goes on', async (kind) => {
  const { failures, sent } = await fuzzServed(served.weft.url, target, kind, { runs: 200, seed: 7 })
  expect(failures).toEqual([])
  expect(sent).toBe(200)
  const answer = await served.client.completions.create({ model: 'base + style/a', prompt: 'We', maxTokens: 2 })
  expect(answer.choices).toHaveLength(1)
})

import type { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Served, serveTinyModel } from './served-tiny-model.ts'

let served: Served
let client: WeftClient
beforeAll(async () => {
  served = await serveTinyModel()
  client = served.client
})
afterAll(() => served.stop())

const train = async (name: string, type: string, config: Record<string, unknown>) => {
  const file = await client.files.upload({
    content: Array.from({ length: 24 }, (_, i) => JSON.stringify({ text: `The whale number ${i} swims in the sea.` })).join('\n'),
  })
  const job = await client.jobs.create({
    model: 'base',
    trainingFile: file.id,
    suffix: name,
    method: { type, [type]: config },
    seed: 1,
    hyperparameters: { maxSteps: 6, batchSize: 4, learningRate: 0.2 },
  })
  expect(await client.jobs.wait(job.id)).toMatchObject({ status: 'succeeded' })
}

test('what acts inside layers is trained, named and answered, alone and beside others', { timeout: 240_000 }, async () => {
  await train('sea/low-rank', 'lora', { r: 2 })
  await train('sea/factors', 'ia3', {})
  await train('sea/gated', 'parallel-prefix', { numVirtualTokens: 4 })
  const all = 'sea/low-rank + 0.5*sea/factors + sea/gated + "Look:"'
  expect(await client.explain(all)).toMatchObject({ sites: ['gatedKeyValue', 'linear', 'scale', 'text'], virtualTokens: { rows: 0, prefix: 0 } })

  const models = ['base', 'sea/low-rank', all, 'sea/factors', 'sea/gated', '0*sea/low-rank', 'sea/low-rank']
  const answer = async (model: string): Promise<string> =>
    (await client.completions.create({ model, prompt: 'The sea', maxTokens: 16, temperature: 0 })).choices[0].text
  const alone: string[] = []
  for (const model of models) alone.push(await answer(model))
  expect(alone[5]).toBe(alone[0])
  expect(await Promise.all(models.map(answer))).toEqual(alone)

  const scores = await Promise.all(
    models.slice(0, 5).map(async (model) => (await client.score({ model, input: 'The whale number 3 swims in the sea.' })).data[0].logprob),
  )
  expect(new Set(scores).size).toBe(5)
})

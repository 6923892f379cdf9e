import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyModel } from './tiny-model.ts'
import { freePort, startWeft, type WeftProcess } from './weft-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-example-'))
const example = join(import.meta.dirname, 'example')
let weft: WeftProcess
let client: WeftClient

beforeAll(async () => {
  weft = startWeft(await freePort(), [
    '--no-demo',
    '--config',
    join(example, 'weft.config.ts'),
    '--model',
    tinyModel(join(folder, 'model')),
    '--state',
    join(folder, 'state'),
  ])
  await weft.event('runner')
  client = new WeftClient({ baseUrl: weft.url, apiKey: weft.key() })
})
afterAll(async () => {
  await weft.interrupt()
  rmSync(folder, { recursive: true, force: true })
})

const training = Array.from({ length: 24 }, (_, i) => JSON.stringify({ text: `The whale number ${i} swims in the sea.` })).join('\n')

const train = async (name: string, type: string, config: Record<string, unknown>) => {
  const file = await client.files.upload({ content: training })
  const job = await client.jobs.create({
    model: 'base',
    trainingFile: file.id,
    suffix: name,
    method: { type, [type]: config },
    seed: 1,
    hyperparameters: { maxSteps: 6, batchSize: 4, learningRate: 0.05 },
  })
  return client.jobs.wait(job.id)
}

test('the plugin is under 40 lines', () => {
  expect(readFileSync(join(example, 'decomposed-prompt.ts'), 'utf8').trimEnd().split('\n').length).toBeLessThan(40)
})

test('a method that only the configuration names is trained, published and composed with others', async () => {
  const own = await train('example/own', 'decomposed-prompt', { numVirtualTokens: 6, rank: 2 })
  expect(own).toMatchObject({ status: 'succeeded', fineTunedModel: expect.stringContaining('example/own') })
  const other = await train('example/other', 'prefix-tuning', { numVirtualTokens: 5 })
  expect(other.status).toBe('succeeded')

  const published = await client.adapters.get('example/own')
  expect(published).toMatchObject({ method: 'decomposed-prompt', sites: ['inputsEmbeds'], virtualTokens: { rows: 6, prefix: 0 } })

  const expression = 'base + example/other + 0.5*example/own + "Answer briefly."'
  const explained = await client.explain(expression)
  expect(explained.virtualTokens).toMatchObject({ rows: 6, prefix: 5 })
  const answer = async (model: string): Promise<string> =>
    (await client.completions.create({ model, prompt: 'The sea', maxTokens: 12, temperature: 0 })).choices[0].text
  const plain = await answer('base')
  expect(await answer('0*example/own')).toBe(plain)
  expect((await client.score({ model: expression, input: 'The whale swims.' })).data[0].logprob).not.toBe(
    (await client.score({ model: 'base', input: 'The whale swims.' })).data[0].logprob,
  )
  expect(await answer(expression)).toEqual(expect.any(String))
})

test('a method that it does not name is unknown', async () => {
  const file = await client.files.upload({ content: training })
  await expect(client.jobs.create({ model: 'base', trainingFile: file.id, suffix: 'example/none', method: { type: 'prompt-tuning' } })).rejects.toMatchObject({
    status: 404,
    message: expect.stringContaining('prompt-tuning'),
  })
})

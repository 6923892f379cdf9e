import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandHere } from './command-here.ts'
import { type Served, serveTinyModel } from './served-tiny-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'weft-in-layers-'))
let served: Served
let client: WeftClient
beforeAll(async () => {
  served = await serveTinyModel()
  client = served.client
})
afterAll(async () => {
  await served.stop()
  rmSync(folder, { recursive: true })
})

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

test('a document becomes an adapter, exactly where it has no more tokens than were asked for', async () => {
  const told = async (...args: string[]) => JSON.parse((await commandHere(served, ...args, '--json')).stdout)
  const manual = join(folder, 'manual.txt')
  const text = 'The lamp stands in the hall. The lever beside the door switches it on, and the lamp is green.'
  writeFileSync(manual, text)
  const job = await told('compress', manual, '--name', 'docs/manual', '--tokens', '500')
  expect(job).toMatchObject({ status: 'succeeded', fineTunedModel: 'docs/manual@1', metrics: { parts: 1, error: 0 }, bytes: expect.any(Number) })
  expect(job.metrics.tokens).toBe(job.metrics.document_tokens)
  const scored = async (expression: string): Promise<number> => (await told('score', expression, ' The lever is green.')).data[0].logprob
  expect(await scored('base + docs/manual')).not.toBeCloseTo(await scored('base'), 2)
  // A text's last row predicts the first token; a prefix has no rows.
  const after = async (expression: string) => (await told('score', expression, ' is green.', '--prompt', ' The lever')).data[0].logprob
  expect(await after('base + docs/manual')).toBeCloseTo(await after(`base + ${JSON.stringify(text)}`), 3)
  // An input chooses something for auto(…) alone.
  expect(await commandHere(served, 'explain', 'base + docs/manual', '--input', text)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--input says nothing without'),
  })

  const again = await commandHere(served, 'compress', manual, '--name', 'docs/manual', '--tokens', '6')
  expect(again).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^docs\/manual@2 is published: 6 keys for \d+ tokens, [\d.]+ MB\.\n {2}[\d.]+ times fewer\./),
  })
  const { manifest } = await served.client.adapters.get('docs/manual')
  expect(manifest).toMatchObject({ method: 'cartridge', virtualTokens: { prefix: 6 }, lineage: { document: {} } })

  writeFileSync(manual, ' ')
  expect(await commandHere(served, 'compress', manual, '--name', 'docs/manual')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('manual.txt is empty'),
  })
  writeFileSync(manual, Uint8Array.of(0x25, 0x50, 0xff, 0xfe))
  expect(await commandHere(served, 'compress', manual, '--name', 'docs/manual')).toMatchObject({ status: 2, stderr: expect.stringContaining('no UTF-8 text') })
  expect(await commandHere(served, 'compress', manual, '--name', 'docs/manual', '--tokens', '0')).toMatchObject({ status: 2 })
})

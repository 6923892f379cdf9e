import type { CreateJobParameters, WeftClient } from '@weft/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Served, serveTinyModel } from './served-tiny-model.ts'

let served: Served
let client: WeftClient
beforeAll(async () => {
  served = await serveTinyModel()
  client = served.client
})
afterAll(() => served.stop())

const lines = (rows: object[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const sea = lines(Array.from({ length: 24 }, (_, i) => ({ text: `The whale number ${i} swims in the sea.` })))
const land = lines(Array.from({ length: 24 }, (_, i) => ({ prompt: `Sheep ${i} `, completion: [{ text: 'stands on the ' }, { text: 'grass', weight: 4 }] })))
const labelled = lines(Array.from({ length: 24 }, (_, i) => ({ text: i % 2 ? `win ${i} coins` : `lunch at ${i}`, label: i % 2 ? 'spam' : 'ham' })))

const train = async (name: string, type: string, content: string, further: Partial<CreateJobParameters> = {}) => {
  const file = await client.files.upload({ content })
  const job = await client.jobs.create({
    model: 'base',
    trainingFile: file.id,
    suffix: name,
    method: { type, [type]: { numVirtualTokens: 4 } },
    seed: 1,
    hyperparameters: { maxSteps: 6, batchSize: 4, learningRate: 0.05 },
    ...further,
  })
  const ended = await client.jobs.wait(job.id)
  expect(ended.error).toBeNull()
  return ended
}

test('an adapter is trained over others, then beside them with KL-to-base on reference text, and calibrated', { timeout: 240_000 }, async () => {
  const { verdict } = await train('style/sea', 'prefix-tuning', sea)
  expect(verdict).toMatchObject({ score: 'loss', baselines: [{ name: 'base' }] })
  const [bare] = verdict!.baselines
  expect(bare.gain).toBeCloseTo(bare.metrics.loss - verdict!.metrics.loss, 9)
  expect(await train('style/land', 'parallel-prefix', land, { on: 'style/sea + "Slowly."' })).toMatchObject({
    on: 'style/sea@1 + "Slowly."',
    fineTunedModel: 'style/land@1',
  })
  const foreignFile = (await client.files.upload({ content: sea })).id
  const second = await train('style/land', 'parallel-prefix', land, { from: 'style/land@1', partners: { adapters: ['style/sea'] }, locality: {}, foreignFile })
  expect(second).toMatchObject({ from: 'style/land@1', fineTunedModel: 'style/land@2' })
  const { manifest } = (await client.adapters.get('style/land@2')) as unknown as { manifest: { lineage: object } }
  expect(manifest.lineage).toMatchObject({
    required: [{ ref: 'style/land@1' }, { ref: 'style/sea@1' }],
    from: 'style/land@1',
    partners: { adapters: ['style/sea@1'], probability: 0.5 },
    locality: { weight: 1 },
    reference: expect.stringMatching(/^sha256:/),
    // It was silent where the other speaks, too.
    silentOn: [{ ref: 'style/sea@1' }],
  })

  const given = await client.adapters.setProbes('style/land@2', [{ prompt: 'Where do the sheep stand? ' }])
  const settlement = await client.settlements.create({ expression: 'style/sea + style/land', steps: 4 })
  const settled = await Promise.all(settlement.jobs.map(({ id }) => client.jobs.wait(id)))
  expect(settled.map(({ error, fineTunedModel }) => ({ error, fineTunedModel }))).toEqual([
    { error: null, fineTunedModel: 'style/sea@2' },
    { error: null, fineTunedModel: 'style/land@3' },
  ])
  expect((await client.adapters.get('style/land@3')).manifest?.lineage).toMatchObject({ from: 'style/land@2', settles: 'style/sea@1 + style/land@2' })
  // What it was given by hand, and not inputs of its file.
  expect(await client.adapters.probes('style/land@3')).toEqual(given)
  expect((await client.adapters.versions('style/land')).map(({ version }) => version)).toEqual([3, 2, 1])

  const classifier = await train('mail/kind', 'prompt-tuning', labelled)
  expect(classifier.verdict).toMatchObject({
    score: 'accuracy',
    rows: { training: 22, heldOut: 2 },
    baselines: [{ name: 'majority' }, { name: 'logistic-regression' }],
  })
  expect(classifier.verdict!.findings.map(({ code }) => code)).toContain('few_held_out_rows')
  const model = 'mail/kind + style/land'
  const input = Array.from({ length: 24 }, (_, i) => `mail ${i}`)
  const calibration = await client.calibrate({ model, input })
  expect(calibration.scores.ham + calibration.scores.spam).toBeCloseTo(0, 6)
  const answers = await client.classify({ model, input })
  expect(answers.calibrated).toBe(true)
  const odds = answers.data.map(({ scores }) => Math.log(scores.spam / scores.ham))
  expect(odds.reduce((sum, value) => sum + value, 0) / odds.length).toBeCloseTo(0, 4)
  expect((await client.classify({ model: 'mail/kind', input: 'mail' })).calibrated).toBeUndefined()
})

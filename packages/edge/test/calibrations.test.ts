import { floatTensor } from '@weft/adapters'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { adapterFile, json, post, publish, script, seen } from './edge.ts'

const inputs = Array.from({ length: 24 }, (_, i) => `mail ${i}`)
const classified = (spam: number) => ({ label: spam > 0.5 ? 'spam' : 'ham', scores: { ham: 1 - spam, spam } })
const classify = (...results: number[]) => ({ on: 'POST /classify', json: { results: results.map(classified) } })

beforeAll(async () => {
  await script()
  const head = { head: { weight: floatTensor([2, 4], new Float32Array(8).fill(1)) } }
  await publish('mail/spam', await adapterFile({ state: head, labels: ['ham', 'spam'], task: 'SEQ_CLS' }))
  await publish('tone/terse', await adapterFile({ value: 0.9 }))
})
beforeEach(() => script())

test('a composition is calibrated on unlabelled inputs, and from then on its labels are', async () => {
  await script(classify(...inputs.map(() => 0.8)), classify(0.75, 0.9), classify(0.75), classify(0.75))
  expect(await json(post('/v1/calibrations', { model: 'mail/spam + tone/terse', input: inputs }))).toMatchObject({
    http: 200,
    object: 'calibration',
    inputs: 24,
    scores: { spam: expect.closeTo(Math.log(4) / 2, 6), ham: expect.closeTo(-Math.log(4) / 2, 6) },
  })
  const { data, calibrated } = await json(post('/v1/classify', { model: 'mail/spam + tone/terse', input: ['a', 'b'] }))
  expect(calibrated).toBe(true)
  // Odds of 3 and 9, against 4 as usual.
  expect(data).toMatchObject([
    { object: 'classification', index: 0, label: 'ham', scores: { spam: expect.closeTo(3 / 7, 6) } },
    { label: 'spam', scores: { spam: expect.closeTo(9 / 13, 6) } },
  ])
  const without = await json(post('/v1/classify', { model: 'mail/spam + tone/terse', input: 'a', calibrated: false }))
  expect(without).toMatchObject({ data: [{ label: 'spam' }] })
  expect(without.calibrated).toBeUndefined()
  // It belongs to the composition, not to what is in it.
  const alone = await json(post('/v1/classify', { model: 'mail/spam', input: 'a' }))
  expect(alone).toMatchObject({ data: [{ label: 'spam', scores: { spam: 0.75 } }] })
  expect(alone.calibrated).toBeUndefined()
})

test('an adapter alone, few inputs and a composition without labels are refused with the reason', async () => {
  const refused = async (body: object) => json(post('/v1/calibrations', body))
  expect(await refused({ model: 'mail/spam', input: inputs })).toMatchObject({ http: 400, error: { code: 'calibration_alone', param: 'model' } })
  for (const operator of ['experts', 'product', 'ensemble', 'auto'])
    expect(await refused({ model: `${operator}(tone/terse, "Be brief.")`, input: inputs, choices: ['a', 'b'] })).toMatchObject({
      http: 400,
      error: { code: 'outputs_not_supported', param: 'model', message: expect.stringMatching(`^${operator}.…. is not calibrated: .+ Calibrate a sum`) },
    })
  expect(await refused({ model: 'mail/spam + tone/terse', input: inputs.slice(1) })).toMatchObject({
    http: 400,
    error: { code: 'too_few_inputs', param: 'input', message: expect.stringMatching(/24.*23/), details: { given: 23, fewest: 24 } },
  })
  expect(await refused({ model: 'tone/terse + "Be brief."', input: inputs })).toMatchObject({ http: 400, error: { code: 'no_classifier' } })
  expect(await seen()).toEqual([])
})

test('without a head, choices are weighed by how likely they are, and calibrated alike', async () => {
  const score = (...logprobs: number[]) => ({ on: 'POST /score', json: { results: logprobs.map((logprob) => ({ tokens: 1, logprob, perplexity: 1 })) } })
  const choices = [' spam', ' ham']
  await script(score(-1, -2), ...inputs.map(() => score(-1, -3)), score(-1, -2), score(-1, -2))
  expect(await json(post('/v1/classify', { model: 'tone/terse + "Hm."', input: 'a', choices }))).toMatchObject({
    data: [{ label: ' spam', scores: { ' spam': expect.closeTo(1 / (1 + Math.exp(-1)), 6) } }],
  })
  expect(await json(post('/v1/calibrations', { model: 'tone/terse + "Hm."', input: inputs, choices }))).toMatchObject({
    scores: { ' spam': expect.closeTo(1, 6) },
    choices,
  })
  expect(await json(post('/v1/classify', { model: 'tone/terse + "Hm."', input: 'a', choices }))).toMatchObject({ calibrated: true, data: [{ label: ' ham' }] })
  // Other choices are another question.
  expect((await json(post('/v1/classify', { model: 'tone/terse + "Hm."', input: 'a', choices: [' yes', ' no'] }))).calibrated).toBeUndefined()
  expect((await seen())[0]!.body).toMatchObject({ prompt: 'a', texts: choices })
})

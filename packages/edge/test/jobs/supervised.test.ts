import { env, exports } from 'cloudflare:workers'
import { usualHyperparameters } from '@weft/methods'
import OpenAI, { toFile } from 'openai'
import { beforeEach, expect, test } from 'vitest'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { json, post, script } from '../edge.ts'
import { spoken, upload } from './job-steps.ts'

beforeEach(() => script())

const openai = new OpenAI({
  apiKey: 'weft-local',
  baseURL: 'http://127.0.0.1:8787/v1',
  maxRetries: 0,
  fetch: (url, init) => exports.default.fetch(new Request(url as string, init as RequestInit)),
})
const create = async (rest: object) => json(post('/v1/fine_tuning/jobs', { model: 'base', training_file: await upload(spoken), ...rest }))
const cancel = (id: string) => openai.fineTuning.jobs.cancel(id)

test("OpenAI's minimal call makes a job of the deployment's method, under a fresh name", async () => {
  const file = await openai.files.create({ purpose: 'fine-tune', file: await toFile(new TextEncoder().encode(spoken), 'a.jsonl') })
  const [one, other] = [
    await openai.fineTuning.jobs.create({ model: 'base', training_file: file.id }),
    await openai.fineTuning.jobs.create({ model: 'base', training_file: file.id, suffix: null, method: { type: 'supervised' } }),
  ]
  for (const job of [one, other]) expect(job).toMatchObject({ status: 'validating_files', method: { type: 'prompt-tuning' } })
  const suffixes = [one, other].map((job) => (job as unknown as { suffix: string }).suffix)
  expect(new Set(suffixes).size).toBe(2)
  for (const suffix of suffixes) expect(suffix).toMatch(/^prompt-tuning-[a-z0-9]+$/)
  for (const { id } of [one, other]) await cancel(id)
})

test('hyperparameters under "supervised" are the job\'s', async () => {
  const job = await create({
    method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2, batch_size: 'auto', learning_rate_multiplier: 0.5 } } },
  })
  expect(job).toMatchObject({ http: 200, method: { type: 'prompt-tuning' }, hyperparameters: { n_epochs: 2, batch_size: 8, learning_rate: 0.015 } })
  await cancel(job.id)
})

test("a multiplier multiplies the method's own rate", async () => {
  const config = cloudflareRoot(env).get(tokens.config)
  const { learningRate } = usualHyperparameters(config.plugins.find(({ id }) => id === 'full')!)
  const job = await create({ method: { type: 'full' }, hyperparameters: { learning_rate_multiplier: 2 } })
  expect(job.hyperparameters.learning_rate).toBeCloseTo(2 * learningRate!, 12)
  await cancel(job.id)
  expect((await create({ hyperparameters: { learning_rate_multiplier: 'auto' } })).hyperparameters.learning_rate).toBe(0.03)
})

test.each([
  ['auto', 'auto'],
  [null, undefined],
])("what is %j or %j is the method's, and beneath it the deployment's", async (learning_rate, max_steps) => {
  const { hyperparameters, id } = await create({ hyperparameters: { learning_rate, max_steps } })
  expect(hyperparameters).toMatchObject({ learning_rate: 0.03, max_steps: 40 })
  await cancel(id)
})

test("a job's hyperparameters, as they are told, can be asked for again", async () => {
  for (const hyperparameters of [{ max_steps: 7 }, { optimizer: 'adafactor' }]) {
    const first = await create({ hyperparameters })
    const again = await create({ hyperparameters: first.hyperparameters })
    expect(again).toMatchObject({ http: 200, hyperparameters: first.hyperparameters })
    for (const { id } of [first, again]) await cancel(id)
  }
})

test("epochs that are asked for take the place of the deployment's steps", async () => {
  const { hyperparameters, id } = await create({ hyperparameters: { n_epochs: 2, max_steps: null } })
  expect(hyperparameters).toMatchObject({ n_epochs: 2 })
  expect(hyperparameters.max_steps).toBeUndefined()
  await cancel(id)
})

test.each([
  [{ hyperparameters: { learning_rate_multiplier: 0 } }, 'hyperparameters.learning_rate_multiplier'],
  [{ hyperparameters: { learning_rate_multiplier: 'x' } }, 'hyperparameters.learning_rate_multiplier'],
  [{ hyperparameters: { learning_rate_multiplier: 1e9 } }, 'hyperparameters.learning_rate_multiplier'],
  [{ hyperparameters: { learning_rate_multiplier: 2, learning_rate: 1 } }, 'hyperparameters.learning_rate_multiplier'],
  [{ method: { type: 'supervised', supervised: { hyperparameters: { n_epoch: 2 } } } }, 'hyperparameters.n_epoch'],
  [{ method: { type: 'supervised', supervised: { beta: 2 } } }, 'method.supervised.beta'],
  [{ method: { type: 'supervised', lora: {} } }, 'method.lora'],
  [{ method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2 } } }, hyperparameters: { n_epochs: 3 } }, 'hyperparameters'],
])('%j is refused', async (rest, param) => {
  expect(await create(rest)).toMatchObject({ http: 400, error: { code: 'invalid_request', param } })
})

test('a body that is no object is refused', async () => {
  for (const body of [null, [], 'x']) expect(await json(post('/v1/fine_tuning/jobs', body))).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
})

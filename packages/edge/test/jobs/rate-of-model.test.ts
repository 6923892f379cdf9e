import { afterEach, expect, test, vi } from 'vitest'
import { edge, json, script } from '../edge.ts'
import { later } from '../later.ts'
import { healthy, model } from '../tiny-model.ts'
import { cancelled, create, job, report, submitted, taken } from './job-steps.ts'

afterEach(() => void vi.restoreAllMocks())

const wide = { ...model, name: 'wide', fingerprint: `sha256:${'cd'.repeat(32)}`, spec: { ...model.spec, hiddenSize: 4096 } }

test('a method whose rate depends on how wide the model is has that of the base, and what a request says stays', async () => {
  await script(healthy([model, wide]), taken, cancelled)
  later()
  const rate = async (base: string, hyperparameters: object): Promise<number> => {
    const job = await create({
      model: base,
      suffix: `rate/${base}`,
      method: { type: 'lora', lora: { target_modules: ['q_proj'] } },
      hyperparameters: { max_steps: 10, ...hyperparameters },
    })
    await edge(`/v1/fine_tuning/jobs/${job.id}/cancel`, { method: 'POST' })
    return job.hyperparameters?.learning_rate ?? job.error
  }
  expect(await rate('base', {})).toBe(0.01)
  expect(await rate('wide', {})).toBe(0.00044)
  expect(await rate('wide', { learning_rate: 'auto' })).toBe(0.00044)
  expect(await rate('wide', { learning_rate_multiplier: 2 })).toBeCloseTo(0.00088, 12)
  expect(await rate('wide', { learning_rate: 0.01 })).toBe(0.01)

  const { data } = await json(edge('/v1/methods'))
  const named = (id: string) => data.find((method: { id: string }) => method.id === id)
  expect(named('lora')).toMatchObject({ hyperparameters: { learning_rate: 0.01 }, learning_rates: { wide: 0.00044 } })
  expect(named('prompt-tuning').learning_rates).toBeUndefined()
})

test('of a job that was made while no runner told of its base, the rate is that of the model that it is trained on', async () => {
  const loading = healthy([])
  await script({ ...loading, json: { ...(loading.json as object), status: 'starting' } })
  later()
  await edge('/v1/models')
  vi.restoreAllMocks()
  const made = (suffix: string, hyperparameters: object) =>
    create({ suffix, method: { type: 'lora', lora: { target_modules: ['q_proj'] } }, hyperparameters: { max_steps: 10, ...hyperparameters } })
  const jobs = [
    await made('rate/usual', {}),
    await made('rate/auto', { learning_rate: 'auto' }),
    await made('rate/twice', { learning_rate_multiplier: 2 }),
    await made('rate/stated', { learning_rate: 0.01 }),
  ]
  expect(jobs.map(({ hyperparameters }) => hyperparameters.learning_rate)).toEqual([0.01, 0.01, 0.02, 0.01])

  await script(healthy([wide]), taken, { ...report('queued'), times: 0 }, cancelled)
  for (const [i, rate] of [0.00044, 0.00044, 0.00088, 0.01].entries()) {
    const { id } = jobs[i]!
    const { spec } = (await submitted(id)).body as { spec: { hyperparameters: { learning_rate: number } } }
    expect(spec.hyperparameters.learning_rate).toBeCloseTo(rate, 12)
    expect((await job(id)).hyperparameters.learning_rate).toBeCloseTo(rate, 12)
    await edge(`/v1/fine_tuning/jobs/${id}/cancel`, { method: 'POST' })
  }
})

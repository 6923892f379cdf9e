import { expect, test, vi } from 'vitest'
import { edge, json, script } from '../edge.ts'
import { healthy, model } from '../tiny-model.ts'
import { cancelled, create, taken } from './job-steps.ts'

const wide = { ...model, name: 'wide', fingerprint: `sha256:${'cd'.repeat(32)}`, spec: { ...model.spec, hiddenSize: 4096 } }

test('a method whose rate depends on how wide the model is has that of the base, and what a request says stays', async () => {
  await script(healthy([model, wide]), taken, cancelled)
  const now = Date.now() + 60_000 // what the edge heard of models before is old
  vi.spyOn(Date, 'now').mockReturnValue(now)
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
  vi.restoreAllMocks()
})

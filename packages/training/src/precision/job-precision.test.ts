import { fileURLToPath } from 'node:url'
import { readAdapter } from '@weft/adapters'
import { loadModel } from '@weft/model'
import { hasIntegerProducts, openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { TrainingEvent } from '../run/events.ts'
import { runTraining, type TrainingHost } from '../run/job.ts'
import { integersOffered } from './offer-integers.ts'

const runtime = openRuntime()
let model: TrainingHost['model']
beforeAll(async () => {
  model = await loadModel(fileURLToPath(new URL('.', import.meta.resolve('@weft/base-model/package.json'))))
})
afterAll(() => runtime.dispose())

const training = ['The sea was calm.', 'Call me Ishmael.', 'The whale rose.', 'We went to sea again.', 'A boat was lowered.', 'He saw the spout.']
  .map((text) => `${JSON.stringify({ text })}\n`)
  .join('')

const spec = (hyperparameters: Record<string, unknown>): TrainingSpec =>
  trainingSpecSchema.parse({
    jobId: 'j',
    name: 'style/test',
    model: { name: 'base', fingerprint: model.fingerprint },
    method: 'prefix-tuning',
    config: { numVirtualTokens: 4 },
    task: 'CAUSAL_LM',
    hyperparameters: { batchSize: 2, maxSteps: 6, learningRate: 0.02, ...hyperparameters },
    seed: 5,
  })
const train = (hyperparameters: Record<string, unknown>, host: Partial<TrainingHost> = {}) =>
  runTraining(spec(hyperparameters), { training, validation: training }, { model, runtime, plugins, ...host })

test.skipIf(!hasIntegerProducts())('a job in integers ends near the one in float32, says so, and goes on from a checkpoint byte for byte', async () => {
  const told: TrainingEvent[] = []
  const [float, integer] = [await train({}), await train({ precision: 'int8' }, { onEvent: (event) => told.push(event) })]
  const prepared = told.filter((event) => event.type === 'preparing')
  expect(prepared.map(({ share }) => share)).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])
  expect(told.indexOf(prepared.at(-1)!)).toBeLessThan(told.findIndex(({ type }) => type === 'step'))
  expect(integer.evalLoss).not.toBe(float.evalLoss)
  expect(Math.abs(integer.evalLoss! - float.evalLoss!)).toBeLessThan(0.05 * float.evalLoss!)
  const { manifest } = await readAdapter(integer.adapter)
  expect(JSON.stringify(manifest)).toContain('int8')

  const abort = new AbortController()
  let checkpoint: Uint8Array | undefined
  const onCheckpoint = (bytes: Uint8Array, step: number): void => {
    if (step !== 3) return
    checkpoint = bytes
    abort.abort()
  }
  await expect(train({ precision: 'int8', checkpointEvery: 3 }, { signal: abort.signal, onCheckpoint })).rejects.toMatchObject({ code: 'cancelled' })
  const resumed = await train({ precision: 'int8', checkpointEvery: 3 }, { checkpoint })
  expect(resumed.evalLoss).toBe(integer.evalLoss)
})

test.skipIf(!hasIntegerProducts())('a job that is cancelled while its layers are rounded ends there, and leaves nothing', async () => {
  const abort = new AbortController()
  const { live } = runtime
  const onEvent = (event: TrainingEvent): void => void (event.type === 'preparing' && event.share >= 0.5 && abort.abort())
  const steps = vi.fn()
  await expect(
    train({ precision: 'int8' }, { signal: abort.signal, onEvent: (event) => (event.type === 'step' ? steps() : onEvent(event)) }),
  ).rejects.toMatchObject({ code: 'cancelled' })
  expect(steps).not.toHaveBeenCalled()
  expect(runtime.live).toEqual(live)
})

test('where nothing multiplies bytes it is refused', async () => {
  await expect(train({ precision: 'int8' }, { device: 'webgpu' })).rejects.toMatchObject({ code: 'integers_unavailable', param: 'hyperparameters.precision' })
})

test('integers are offered where they save time, and taken nowhere by themselves', () => {
  const wide = { ...model, spec: { ...model.spec, hiddenSize: 576 } }
  const offered = (hyperparameters: Record<string, unknown>, place: Partial<Parameters<typeof integersOffered>[1]> = {}) =>
    integersOffered(spec(hyperparameters), { model: wide, ...place }) !== undefined
  expect(offered({})).toBe(hasIntegerProducts())
  expect([offered({ precision: 'int8' }), offered({ precision: 'float32' })]).toEqual([false, false])
  expect([offered({}, { model }), offered({}, { device: 'webgpu' }), offered({}, { together: {} })]).toEqual([false, false, false])
})

import { readAdapter } from '@weft/adapters'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { type TrainingSpec, trainingSpecSchema } from '@weft/protocol'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TrainingEvent } from '../run/events.ts'
import { runTraining, type TrainingFiles } from '../run/job.ts'
import { type JointJob, runJointTraining } from './job.ts'

let model: LoadedModel
const runtime = openRuntime()
beforeAll(async () => {
  model = await loadModel(writeTinyLlama())
})
afterAll(() => runtime.dispose())

const spec = (name: string, method: string, config: object, hyperparameters: object = {}, overrides: object = {}): TrainingSpec =>
  trainingSpecSchema.parse({
    jobId: name,
    name: `joint/${name}`,
    model: { name: 'base', fingerprint: model.fingerprint },
    method,
    config,
    task: 'CAUSAL_LM',
    seed: 5,
    hyperparameters: { batchSize: 2, maxSteps: 6, evalEvery: 3, learningRate: 0.01, ...hyperparameters },
    ...overrides,
  })
const lines = (rows: unknown[]): string => rows.map((row) => JSON.stringify(row)).join('\n')
const words = ['the whale', 'a boat', 'warp and waves', 'sea']
const texts = (of: number): TrainingFiles => ({ training: lines(Array.from({ length: 12 }, (_, i) => ({ text: `${words[i % of]} ${words[(i * 3) % of]}.` }))) })
const labelled: TrainingFiles = {
  training: lines(Array.from({ length: 16 }, (_, i) => ({ text: `${words[i % 4]} ${i % 2 ? 'zz' : 'qq'}`, label: i % 2 ? 'last' : 'first' }))),
}
const host = () => ({ model, runtime, plugins })

test('runs of different methods, tasks, steps and data end as each would alone', async () => {
  const jobs: JointJob[] = [
    { spec: spec('rows', 'prompt-tuning', { numVirtualTokens: 3 }), files: texts(4) },
    { spec: spec('prefix', 'prefix-tuning', { numVirtualTokens: 5 }, { gradientAccumulation: 2, maxSteps: 3 }), files: texts(2) },
    { spec: spec('lora', 'lora', {}, { batchSize: 3, maxSteps: 8, optimizer: 'adafactor' }), files: texts(3) },
    { spec: spec('class', 'prompt-tuning', { numVirtualTokens: 2 }, {}, { task: 'SEQ_CLS' }), files: labelled },
  ]
  const events: TrainingEvent[][] = jobs.map(() => [])
  const together = await runJointTraining(
    jobs.map((job, a) => ({ ...job, onEvent: (event) => events[a].push(event) })),
    host(),
  )
  for (const [a, result] of together.entries()) {
    if (result.status === 'rejected') throw result.reason
    const alone = await runTraining(jobs[a].spec, jobs[a].files, host())
    expect(result.value.steps).toBe(alone.steps)
    expect(result.value.loss).toBeCloseTo(alone.loss, 3)
    expect(result.value.evalLoss).toBeCloseTo(alone.evalLoss!, 3)
    expect(events[a].filter(({ type }) => type === 'step').length).toBe(alone.steps)
    const [got, expected] = [await readAdapter(result.value.adapter), await readAdapter(alone.adapter)]
    for (const [site, tensors] of Object.entries(expected.state)) {
      for (const [name, { data }] of Object.entries(tensors)) {
        const other = got.state[site][name].data
        expect(
          (data as Float32Array).reduce((most, value, i) => Math.max(most, Math.abs(value - other[i])), 0),
          `${site}.${name}`,
        ).toBeLessThan(1e-3)
      }
    }
  }
})

test('who can share no pass takes steps by itself, and the others go on together', async () => {
  const tasks: TrainingFiles = { training: lines(Array.from({ length: 12 }, (_, i) => ({ text: `${words[i % 4]}.`, task_id: i % 2 }))) }
  const jobs: JointJob[] = [
    { spec: spec('rows', 'prompt-tuning', { numVirtualTokens: 3 }), files: texts(4) },
    { spec: spec('whole', 'full', {}, { learningRate: 1e-3 }), files: texts(2) },
    { spec: spec('tasks', 'multitask-prompt-tuning', { numVirtualTokens: 2, numTasks: 2 }), files: tasks },
    { spec: spec('lora', 'lora', {}), files: texts(3) },
  ]
  const together = await runJointTraining(jobs, host())
  for (const [a, result] of together.entries()) {
    if (result.status === 'rejected') throw result.reason
    expect(result.value.loss, jobs[a].spec.name).toBeCloseTo((await runTraining(jobs[a].spec, jobs[a].files, host())).loss, 3)
  }
})

test('who is cancelled, or cannot begin, leaves the others to finish', async () => {
  const abort = new AbortController()
  const good = { spec: spec('good', 'prompt-tuning', { numVirtualTokens: 3 }), files: texts(4) }
  const [first, second, third] = await runJointTraining(
    [
      good,
      {
        spec: spec('stopped', 'prefix-tuning', { numVirtualTokens: 2 }),
        files: texts(3),
        signal: abort.signal,
        onEvent: (event) => {
          if (event.type === 'step' && event.step === 2) abort.abort()
        },
      },
      { spec: spec('never', 'no-such-method', {}), files: texts(2) },
    ],
    host(),
  )
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } })
  expect(third).toMatchObject({ status: 'rejected', reason: { code: 'method_not_found' } })
  expect(first).toMatchObject({ status: 'fulfilled', value: { steps: 6 } })
})

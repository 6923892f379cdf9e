import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type LoadedModel, loadModel } from '@weft/model'
import plugins from '@weft/plugins'
import { buildTrainingGraph, parameterSlots } from '@weft/training'
import { matMulFlops } from '@weft/training/graph/flops'
import { beforeAll, describe, expect, test } from 'vitest'
import { benchProgram, shapeFile } from './program.ts'
import { openTrainingStep } from './training-step.ts'

const names = readdirSync(join(import.meta.dirname, 'shapes')).map((file) => file.replace('.json', ''))
const first: Record<string, string> = { smollm2: 'CAUSAL_LM', 'gpt2-small': 'CAUSAL_LM', 'bert-base': 'SEQ_CLS', 't5-small': 'SEQ_2_SEQ_LM' }
const options = { method: 'prompt-tuning', batch: 2, tokens: 8, virtualTokens: 4, plugins }

test('every shape is known by its name', () => {
  expect(names.sort()).toEqual(Object.keys(first).sort())
  expect(shapeFile('gpt2-small')).toMatch(/shapes.gpt2-small\.json$/)
  for (const other of ['gpt2-large', './gpt2-small', 'org/gpt2-small']) expect(shapeFile(other)).toBe(other)
})

test('a step in integers is refused where they are not multiplied', async () => {
  const step = openTrainingStep({ ...options, model: 'smollm2', precision: 'int8', device: 'webgpu' })
  await expect(step).rejects.toMatchObject({ code: 'integers_unavailable', message: expect.stringContaining('webgpu') })
})

describe.each(names)('%s', (name) => {
  let model: LoadedModel
  beforeAll(async () => {
    model = await loadModel(shapeFile(name))
  })

  test('is measured on its own task, all of its tokens learned', async () => {
    const { program, batch } = await benchProgram(model, options)
    expect(program.task).toBe(first[name])
    expect(batch.rows).toHaveLength(2)
    expect(batch.weight).toBe(program.task === 'SEQ_CLS' ? 2 : 16)
    expect(matMulFlops(buildTrainingGraph(program, batch.bucket, 'gradients'))).toBeGreaterThan(1e9)
  })

  test('is refused what it cannot do, by name', async () => {
    await expect(benchProgram(model, { ...options, method: 'no-such' })).rejects.toMatchObject({ code: 'method_not_found' })
    await expect(benchProgram(model, { ...options, task: 'FEATURE_EXTRACTION' })).rejects.toMatchObject({
      code: model.spec.bidirectional ? 'unsupported_task' : 'task_not_of_base',
    })
  })
})

test('tokens are labelled where the task says so', async () => {
  const { program, batch } = await benchProgram(await loadModel(shapeFile('bert-base')), { ...options, task: 'TOKEN_CLS' })
  expect(program.numLabels).toBe(2)
  expect(batch).toMatchObject({ weight: 16, bucket: { lossRows: 16 } })
})

test('a method that branches off a trunk gets one', async () => {
  const { program, required } = await benchProgram(await loadModel(shapeFile('gpt2-small')), { ...options, method: 'prompt-adapter' })
  expect(required[0].state.inputsEmbeds.rows.shape).toEqual([4, 768])
  expect(
    parameterSlots(program)
      .filter(({ trainable }) => trainable)
      .map(({ name }) => name),
  ).toEqual(['a', 'b'])
})

test('a method is not timed on a task that it has no meaning for', async () => {
  await expect(benchProgram(await loadModel(shapeFile('gpt2-small')), { ...options, method: 'linear-probe', task: 'CAUSAL_LM' })).rejects.toMatchObject({
    code: 'task_not_supported',
  })
})

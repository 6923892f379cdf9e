import { Random } from '@weft/adapters'
import { elementCount } from '@weft/graph'
import { baseWeights } from '@weft/inference/base-weights'
import { parseConfig } from '@weft/methods'
import { AttentionInputs, integerPrecision, type LoadedModel, modelShape, type Precision, RandomWeights } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { tinyConfigs } from '@weft/test/cases/tiny-configs'
import { afterAll, expect, test } from 'vitest'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { GraphEngine } from './engine.ts'
import { buildTrainingGraph, parameterSlots, type TrainingProgram } from './graph.ts'

const runtime = openRuntime()
afterAll(() => runtime.dispose())

const lora = plugins.find(({ id }) => id === 'lora')!
const bucketOf = (task: string) => ({ rows: 1, length: 6, lossRows: task === 'SEQ_CLS' ? 1 : 4, ...(task === 'SEQ_2_SEQ_LM' && { targets: 4 }) })

/** One loss, and the gradient of every parameter. */
const step = async (architecture: string, precision?: Precision) => {
  const shape = modelShape({ modelType: architecture, json: tinyConfigs[architecture] })
  const weights = new RandomWeights(shape.spec.weights, { seed: 1, std: 0.25 })
  const model = { ...shape, name: 'tiny', ...(precision && { precision }), weights } as unknown as LoadedModel
  const config = parseConfig(lora, { r: 3 })
  const [task] = model.spec.tasks
  const numLabels = task === 'SEQ_CLS' ? 2 : 0
  const program: TrainingProgram = { model, plugin: lora, config, params: lora.params(config, model.spec, []), task, numLabels, headBias: false }
  using held = await baseWeights(runtime, model)
  const values = Object.fromEntries(
    parameterSlots(program).map(({ name, shape }) => {
      const random = new Random('values').split(name)
      return [name, Float32Array.from({ length: elementCount(shape) }, () => random.normal(0, 0.2))]
    }),
  )
  using engine = new GraphEngine({ program, runtime, weights: held, attention: new AttentionInputs(model), values })
  const labelled = task === 'SEQ_CLS'
  const targets = task === 'SEQ_2_SEQ_LM' ? { targets: Uint32Array.of(8, 3, 27, 1) } : {}
  const learned = targets.targets ? [1, 1, 1, 1] : labelled ? [] : [0, 0, 1, 1, 1, 1]
  const row = { tokens: Uint32Array.of(5, 9, 2, 17, 1, 8), ...targets, ...(labelled && { label: 1 }), weights: Float32Array.from(learned), rowWeight: 1 }
  const loss = await engine.gradients(tokenBatch([row], bucketOf(task)), 1)
  const ops = new Set(buildTrainingGraph(program, bucketOf(task), 'gradients').nodes.map(({ op }) => op))
  return { loss, ops, gradients: engine.parameters.flatMap(({ gradient }) => [...gradient]) }
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)

test.each(Object.keys(tinyConfigs))('%s in integers: near the loss in float32, and a gradient that points where its does', async (architecture) => {
  const [float, integer] = [await step(architecture), await step(architecture, integerPrecision)]
  expect(integer.ops).toContain('IntegerLinear')
  expect(integer.loss).not.toBe(float.loss)
  expect(Math.abs(integer.loss - float.loss)).toBeLessThan(0.05 * float.loss + 0.05)
  const cosine = dot(integer.gradients, float.gradients) / Math.sqrt(dot(integer.gradients, integer.gradients) * dot(float.gradients, float.gradients))
  expect(cosine).toBeGreaterThan(0.97)
})

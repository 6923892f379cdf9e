import { Random } from '@weft/adapters'
import { elementCount } from '@weft/graph'
import { baseWeights } from '@weft/inference/base-weights'
import { parseConfig } from '@weft/methods'
import { AttentionInputs, integerPrecision, type LoadedModel, modelShape, type Precision, RandomWeights } from '@weft/model'
import { hasIntegerProducts, openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { tinyConfigs } from '@weft/test/cases/tiny-configs'
import { afterAll, expect, test } from 'vitest'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { smoothed } from '../precision/smoothed.ts'
import { GraphEngine } from './engine.ts'
import { buildTrainingGraph, parameterSlots, type TrainingProgram } from './graph.ts'

const runtime = openRuntime()
afterAll(() => runtime.dispose())

const lora = plugins.find(({ id }) => id === 'lora')!
const bucketOf = (task: string) => ({ rows: 1, length: 6, lossRows: task === 'SEQ_CLS' ? 1 : 4, ...(task === 'SEQ_2_SEQ_LM' && { targets: 4 }) })

/** One loss, and the gradient of every parameter. */
const step = async (architecture: string, precision?: Precision, rows?: Parameters<typeof smoothed>[1]) => {
  const shape = modelShape({ modelType: architecture, json: tinyConfigs[architecture] })
  const weights = new RandomWeights(shape.spec.weights, { seed: 1, std: 0.25 })
  const loaded = { ...shape, name: 'tiny', ...(precision && { precision }), weights } as unknown as LoadedModel
  using held = await baseWeights(runtime, loaded)
  const attention = new AttentionInputs(loaded)
  const model = rows ? await smoothed(loaded, rows, { runtime, weights: held, attention }) : loaded
  const config = parseConfig(lora, { r: 3 })
  const [task] = model.spec.tasks
  const numLabels = task === 'SEQ_CLS' ? 2 : 0
  const program: TrainingProgram = { model, plugin: lora, config, params: lora.params(config, model.spec, []), task, numLabels, headBias: false }
  const values = Object.fromEntries(
    parameterSlots(program).map(({ name, shape }) => {
      const random = new Random('values').split(name)
      return [name, Float32Array.from({ length: elementCount(shape) }, () => random.normal(0, 0.2))]
    }),
  )
  using engine = new GraphEngine({ program, runtime, weights: held, attention, values })
  const labelled = task === 'SEQ_CLS'
  const targets = task === 'SEQ_2_SEQ_LM' ? { targets: Uint32Array.of(8, 3, 27, 1) } : {}
  const learned = targets.targets ? [1, 1, 1, 1] : labelled ? [] : [0, 0, 1, 1, 1, 1]
  const row = { tokens: Uint32Array.of(5, 9, 2, 17, 1, 8), ...targets, ...(labelled && { label: 1 }), weights: Float32Array.from(learned), rowWeight: 1 }
  const loss = await engine.gradients(tokenBatch([row], bucketOf(task)), 1)
  const ops = new Set(buildTrainingGraph(program, bucketOf(task), 'gradients').nodes.map(({ op }) => op))
  return { loss, ops, gradients: engine.parameters.flatMap(({ gradient }) => [...gradient]) }
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)

const cosine = (a: readonly number[], b: readonly number[]): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))

// Without instructions for it, products of bytes saturate halfway: no job is trained so there.
test.skipIf(!hasIntegerProducts()).each(Object.keys(tinyConfigs))(
  '%s in integers: near the loss in float32, and a gradient that points where its does, smoothed or not',
  async (architecture) => {
    const float = await step(architecture)
    const rows = [
      { tokens: Uint32Array.of(7, 3, 11), targets: Uint32Array.of(4, 9) },
      { tokens: Uint32Array.of(2, 19), targets: Uint32Array.of(1) },
    ]
    const [plain, smooth] = [await step(architecture, integerPrecision), await step(architecture, integerPrecision, rows)]
    expect(smooth.loss).not.toBe(plain.loss)
    for (const integer of [plain, smooth]) {
      expect(integer.ops).toContain('IntegerLinear')
      expect(integer.loss).not.toBe(float.loss)
      expect(Math.abs(integer.loss - float.loss)).toBeLessThan(0.05 * float.loss + 0.05)
      expect(cosine(integer.gradients, float.gradients)).toBeGreaterThan(0.97)
    }
  },
)

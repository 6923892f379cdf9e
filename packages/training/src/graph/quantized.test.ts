import { Random } from '@weft/adapters'
import { allocate, elementCount, type TypedArray } from '@weft/graph'
import { baseWeights } from '@weft/inference/base-weights'
import { parseConfig } from '@weft/methods'
import { AttentionInputs, frozenWeight, type LoadedModel, type ModelShape, modelShape, precisionOf, RandomWeights, storageOf } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { tinyConfigs } from '@weft/test/cases/tiny-configs'
import { afterAll, expect, test } from 'vitest'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { GraphEngine } from './engine.ts'
import { parameterSlots, type TrainingProgram } from './graph.ts'

const runtime = openRuntime()
afterAll(() => runtime.dispose())

const lora = plugins.find(({ id }) => id === 'lora')!

const programOf = (model: ModelShape): TrainingProgram => {
  const config = parseConfig(lora, { r: 3 })
  return {
    model,
    plugin: lora,
    config,
    params: lora.params(config, model.spec, []),
    task: model.spec.tasks[0],
    numLabels: model.spec.tasks[0] === 'SEQ_CLS' ? 2 : 0,
    headBias: false,
  }
}

/** One loss, and the gradient of every parameter. */
const step = async (model: LoadedModel): Promise<{ loss: number; gradients: number[] }> => {
  const program = programOf(model)
  using weights = await baseWeights(runtime, model)
  const values = Object.fromEntries(
    parameterSlots(program).map(({ name, shape }) => {
      const random = new Random('values').split(name)
      return [name, Float32Array.from({ length: elementCount(shape) }, () => random.normal(0, 0.2))]
    }),
  )
  using engine = new GraphEngine({ program, runtime, weights, attention: new AttentionInputs(model), values })
  const tokens = Uint32Array.of(5, 9, 2, 17, 1, 8)
  const labelled = program.task === 'SEQ_CLS'
  const targets = program.task === 'SEQ_2_SEQ_LM' ? { targets: Uint32Array.of(8, 3, 27, 1) } : {}
  const row = { tokens, ...targets, ...(labelled && { label: 1 }), weights: new Float32Array(labelled ? 1 : targets.targets ? 4 : 6).fill(1), rowWeight: 1 }
  const batch = tokenBatch([row], { rows: 1, length: 6, lossRows: labelled ? 1 : targets.targets ? 4 : 6, ...(targets.targets && { targets: 4 }) })
  const loss = await engine.gradients(batch, 1)
  return { loss, gradients: engine.parameters.flatMap(({ gradient }) => [...gradient]) }
}

/** The same model in float32, its weights the very numbers that the quantized one's blocks mean. */
const dequantized = async (model: LoadedModel): Promise<LoadedModel> => {
  const { precision: _, ...plain } = model
  const values = new Map<string, Float32Array>()
  for (const name of model.weights.names) {
    const [storage, weight] = [storageOf(model, name), frozenWeight(model, name)]
    const tensors = Object.fromEntries(
      Object.entries(storage.tensors(weight)).map(([tensor, { dtype, shape }]) => [tensor, allocate(dtype, elementCount(shape)) as TypedArray]),
    )
    await storage.fill(weight, model.weights, tensors)
    const [first, second] = weight.shape
    if (weight.shape.length === 1) {
      values.set(name, tensors[name] as Float32Array)
      continue
    }
    const [N, K] = name in tensors || !weight.transposed ? [first, second] : [second, first]
    const rows = new Float32Array(N * K)
    const write = storage.rows(weight, tensors)
    for (let n = 0; n < N; n++) write(n, rows.subarray(n * K, (n + 1) * K))
    values.set(name, N === first ? (N === K && weight.transposed && !(name in tensors) ? transposed(rows, N, K) : rows) : transposed(rows, N, K))
  }
  const read = async (name: string, into?: Float32Array): Promise<Float32Array> => {
    into?.set(values.get(name)!)
    return into ?? values.get(name)!
  }
  return {
    ...plain,
    weights: { ...model.weights, names: model.weights.names, shape: (name: string) => model.weights.shape(name), read } as LoadedModel['weights'],
  }
}

const transposed = (rows: Float32Array, N: number, K: number): Float32Array => rows.map((_, i) => rows[(i % N) * K + Math.floor(i / N)])

test.each(Object.keys(tinyConfigs).flatMap((architecture) => (['int8', 'int4'] as const).map((weights) => [architecture, weights] as const)))(
  '%s in %s learns as the float32 model of the same numbers does',
  async (architecture, weights) => {
    const shape = modelShape({ modelType: architecture, json: tinyConfigs[architecture] })
    const model = {
      ...shape,
      name: 'tiny',
      precision: precisionOf(weights),
      weights: new RandomWeights(shape.spec.weights, { seed: 1, std: 0.25 }),
    } as unknown as LoadedModel
    const [quantized, plain] = [await step(model), await step(await dequantized(model))]
    expect(quantized.loss).toBeCloseTo(plain.loss, 4)
    const scale = Math.max(...plain.gradients.map(Math.abs))
    expect(scale).toBeGreaterThan(0)
    for (const [i, gradient] of quantized.gradients.entries()) expect(Math.abs(gradient - plain.gradients[i])).toBeLessThan(1e-4 * scale)
  },
)

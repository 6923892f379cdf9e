import { Random } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { paramsOf, parseConfig } from '@weft/methods'
import { AttentionInputs, loadModel, precisionOf } from '@weft/model'
import { openRuntime } from '@weft/ort'
import plugins from '@weft/plugins'
import { writeTinyLlama } from '@weft/test/models/tiny-llama'
import { afterAll, expect, test } from 'vitest'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { GraphEngine } from '../graph/engine.ts'
import { frozenProgram } from '../graph/frozen-program.ts'
import { parameterSlots } from '../graph/graph.ts'
import { JointSteps } from './joint-steps.ts'

const runtime = openRuntime()
afterAll(() => runtime.dispose())

const batch = tokenBatch([{ tokens: Uint32Array.of(5, 9, 2, 17, 1), weights: Float32Array.of(0, 1, 1, 1, 1), rowWeight: 1 }], {
  rows: 1,
  length: 5,
  lossRows: 8,
})

test.each(['float32', 'int8'] as const)('on a model in %s, a run that has diverged takes the others nothing', async (precision) => {
  const model = await loadModel(writeTinyLlama(), precision === 'int8' ? { precision: precisionOf(precision) } : {})
  using weights = await baseWeights(runtime, model)
  const plugin = plugins.find(({ id }) => id === 'lora')!
  const config = parseConfig(plugin, {})
  const program = { ...frozenProgram(model), plugin, config, params: paramsOf(plugin, config, model.spec, []) }
  const place = { runtime, weights, attention: new AttentionInputs(model) }
  const engineOf = (value?: number): GraphEngine => {
    const random = new Random('values')
    const values = parameterSlots(program).map(({ name, shape }): [string, Float32Array] => [
      name,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => value ?? random.normal(0, 0.3)),
    ])
    return new GraphEngine({ program, values: Object.fromEntries(values), ...place })
  }
  using diverged = engineOf(Number.NaN)
  using other = engineOf()
  const loss = await other.gradients(batch, 0.25)
  const alone = other.parameters.map(({ gradient }) => gradient.slice())
  using together = new JointSteps({ runs: 2, ...place })
  const engines = [diverged, other].map((engine) => together.join(engine))
  const losses = await Promise.all(engines.map((engine) => engine.gradients(batch, 0.25)))
  expect(losses[0]).toBeNaN()
  expect(losses[1]).toBeCloseTo(loss, 5)
  for (const [i, { gradient }] of other.parameters.entries()) for (const [e, value] of gradient.entries()) expect(value).toBeCloseTo(alone[i][e], 5)
})

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Random } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import { parseConfig } from '@weft/methods'
import { AttentionInputs, loadModel } from '@weft/model'
import { type Device, openRuntime } from '@weft/ort'
import prefixTuning from '@weft/plugins/prefix-tuning'
import { expect, test } from 'vitest'
import { tokenBatch } from '../batch/batch-tensors.ts'
import { GraphEngine } from '../graph/engine.ts'
import { parameterSlots, type TrainingProgram } from '../graph/graph.ts'

const icd = process.env.VK_ICD_FILENAMES
const reason = icd && existsSync(icd) ? '' : " (skipped: VK_ICD_FILENAMES names no Vulkan driver; Debian's chromium brings one)"

test.skipIf(reason)(
  `a training step of the bundled model on webgpu equals the CPU's${reason}`,
  async () => {
    const model = await loadModel(join(import.meta.dirname, '../../../base-model'))
    const config = parseConfig(prefixTuning, { numVirtualTokens: 2 })
    const program: TrainingProgram = {
      model,
      plugin: prefixTuning,
      config,
      params: prefixTuning.params(config as never, model.spec, []),
      task: 'CAUSAL_LM',
      numLabels: 0,
      headBias: false,
    }
    const random = new Random('step')
    const tokens = Uint32Array.from({ length: 12 }, () => random.integer(model.spec.vocabSize))
    const batch = tokenBatch([{ tokens, weights: new Float32Array(12).fill(1).fill(0, 0, 1), rowWeight: 1 }], { rows: 1, length: 12, lossRows: 11 })
    const values = Object.fromEntries(
      parameterSlots(program).map(({ name, shape }) => [name, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(0, 0.1))]),
    )

    const step = async (device: Device): Promise<{ loss: number; gradient: Float32Array }> => {
      using runtime = openRuntime()
      using weights = await baseWeights(runtime, model, { device })
      using engine = new GraphEngine({ program, runtime, weights, attention: new AttentionInputs(model), values, device })
      const loss = await engine.gradients(batch, 1 / batch.weight)
      return { loss, gradient: engine.parameters[0].gradient.slice() }
    }
    const cpu = await step('cpu')
    const webgpu = await step('webgpu')
    expect(Math.abs(webgpu.loss - cpu.loss)).toBeLessThan(1e-4)
    const largest = Math.max(...cpu.gradient.map(Math.abs))
    expect(largest).toBeGreaterThan(0)
    expect(Math.max(...cpu.gradient.map((g, i) => Math.abs(g - webgpu.gradient[i])))).toBeLessThan(1e-3 * largest)
  },
  160_000,
)

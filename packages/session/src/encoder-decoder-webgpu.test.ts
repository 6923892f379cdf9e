import { existsSync, rmSync } from 'node:fs'
import { Random } from '@weft/adapters'
import { baseWeights } from '@weft/inference/base-weights'
import type { Named } from '@weft/inference/engine'
import { collect } from '@weft/inference/generation/generate'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { parseConfig } from '@weft/methods'
import { AttentionInputs, loadModel } from '@weft/model'
import { type Device, openRuntime } from '@weft/ort'
import prefixTuning from '@weft/plugins/prefix-tuning'
import { randomTensor } from '@weft/test/models/tiny-llama'
import { writeTinyT5 } from '@weft/test/models/tiny-t5'
import { GraphEngine, parameterSlots, type TrainingProgram, tokenBatch } from '@weft/training'
import { expect, test } from 'vitest'

const icd = process.env.VK_ICD_FILENAMES
const reason = icd && existsSync(icd) ? '' : " (skipped: VK_ICD_FILENAMES names no Vulkan driver; Debian's chromium brings one)"

test.skipIf(reason)(
  `on webgpu a T5 trains as on the CPU${reason}`,
  async () => {
    const folder = writeTinyT5({ feed_forward_proj: 'gated-gelu' })
    const model = await loadModel(folder)
    const config = parseConfig(prefixTuning, { numVirtualTokens: 2 })
    const program: TrainingProgram = {
      model,
      plugin: prefixTuning,
      config,
      params: prefixTuning.params(config as never, model.spec, []),
      task: 'SEQ_2_SEQ_LM',
      numLabels: 0,
      headBias: false,
    }
    const random = new Random('step')
    const ids = (n: number) => Uint32Array.from({ length: n }, () => random.integer(model.spec.vocabSize))
    const batch = tokenBatch(
      [7, 4].map((n) => ({ tokens: ids(n), targets: ids(5), weights: new Float32Array(5).fill(1), rowWeight: 1 })),
      { rows: 2, length: 8, targets: 5, lossRows: 10 },
    )
    const values = Object.fromEntries(
      parameterSlots(program).map(({ name, shape }) => [name, Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => random.normal(0, 0.5))]),
    )
    const step = async (device: Device): Promise<{ loss: number; gradient: Float32Array }> => {
      using runtime = openRuntime()
      using weights = await baseWeights(runtime, model)
      using engine = new GraphEngine({ program, runtime, weights, attention: new AttentionInputs(model), values, device })
      const loss = await engine.gradients(batch, 1 / batch.weight)
      return { loss, gradient: engine.parameters[0].gradient.slice() }
    }
    try {
      const [cpu, webgpu] = [await step('cpu'), await step('webgpu')]
      expect(Math.abs(webgpu.loss - cpu.loss)).toBeLessThan(1e-4)
      const largest = Math.max(...cpu.gradient.map(Math.abs))
      expect(largest).toBeGreaterThan(0)
      expect(Math.max(...cpu.gradient.map((g, i) => Math.abs(g - webgpu.gradient[i])))).toBeLessThan(1e-3 * largest)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  160_000,
)

test.skipIf(reason)(
  `on webgpu a T5 answers as on the CPU${reason}`,
  async () => {
    const folder = writeTinyT5()
    const model = await loadModel(folder)
    const runtime = openRuntime()
    const named = (key: string, sites: Record<string, Record<string, { shape: number[]; data: Float32Array }>>): Named => ({
      key,
      composed: { segments: [{ kind: 'rows', rows: randomTensor([3, 16], 'rows', 0.8) }], sites, longestPrefix: sites.keyValue ? 4 : 0 },
    })
    const compositions = [
      null,
      named('prefix', { keyValue: { prefix: randomTensor([3, 2, 3, 4, 6], 'prefix', 0.8) } }),
      named('layers', {
        scale: { 'decoder.block.1.layer.0.SelfAttention.v.out': randomTensor([18], 'scale', 0.5, 1) },
        gatedKeyValue: {
          prefix: randomTensor([3, 2, 3, 4, 6], 'gated', 0.8),
          gate: randomTensor([3, 3, 1], 'gate', 1),
          lengths: { shape: [1], data: Float32Array.of(4) },
        },
      }),
    ]
    const answers = async (device: Device) => {
      const engine = await openEngine(model, { runtime, device, threads: 1, fixed: createPrefixCache(1e8), maxBatch: 4, maxWaiting: 8, prefillChunk: 16 })
      try {
        return await Promise.all(
          compositions.map(
            async (composition) =>
              (
                await collect(
                  await engine.generate(composition, { prompt: { text: 'the weft is drawn' }, maxTokens: 8, temperature: 0, topP: 1, topK: 0, stop: [] }),
                )
              ).tokens,
          ),
        )
      } finally {
        await engine.close()
      }
    }
    try {
      expect(await answers('webgpu')).toEqual(await answers('cpu'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
  160_000,
)

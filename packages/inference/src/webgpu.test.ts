import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from '@weft/model'
import { type Device, openRuntime } from '@weft/ort'
import { branch, factors, lowRank } from '@weft/test/cases/serving/in-layers'
import { randomTensor, writeTinyGemma3, writeTinyGpt2, writeTinyLlama } from '@weft/test/models/tiny-llama'
import { expect, test } from 'vitest'
import type { Named } from './engine.ts'
import { collect } from './generation/generate.ts'
import { openEngine } from './open-engine.ts'
import { createPrefixCache } from './prefix-cache/prefix-cache.ts'

/** Debian's chromium brings a software Vulkan; it has to be named before the process starts. */
const software = '/usr/lib/chromium/vk_swiftshader_icd.json'
const vulkan = existsSync(process.env.VK_ICD_FILENAMES ?? '')

test.skipIf(!vulkan).each([
  ['llama', writeTinyLlama],
  ['gpt2', writeTinyGpt2],
  ['gemma3_text', () => writeTinyGemma3(5)],
] as const)(
  `on WebGPU a %s answers as on the CPU${vulkan ? '' : ` (skipped: VK_ICD_FILENAMES names no driver; try ${software})`}`,
  async (_, write) => {
    const folder = write()
    const model = await loadModel(folder)
    const runtime = openRuntime()
    const rows = randomTensor([3, 32], 'rows', 0.4)
    const prefix = randomTensor([2, 2, model.spec.numKeyValueHeads, 4, 8], 'prefix')
    const strong: Named = {
      key: 'strong',
      composed: {
        segments: [{ kind: 'rows', rows }],
        sites: { keyValue: { prefix, bias: { shape: [4], data: new Float32Array(4).fill(Math.log(0.5)) } } },
        longestPrefix: 4,
      },
    }
    const plain: Named = { key: 'plain', composed: { segments: [{ kind: 'rows', rows }], sites: { keyValue: { prefix } }, longestPrefix: 4 } }
    const inLayers: Named = {
      key: 'in layers',
      composed: {
        segments: [],
        longestPrefix: 0,
        sites: {
          ...lowRank(model.spec, ['q_proj', 'down_proj', 'c_attn'], 3, 'lora'),
          ...factors(model.spec, ['v_proj', 'c_fc'], ['gate_proj'], 'ia3'),
          ...branch(model.spec, 4, 'gated'),
        },
      },
    }
    const answers = async (device: Device) => {
      const engine = await openEngine(model, { runtime, device, threads: 1, fixed: createPrefixCache(1e8), maxBatch: 4, maxWaiting: 8, prefillChunk: 16 })
      try {
        return await Promise.all(
          [plain, strong, null, inLayers].map(
            async (named) =>
              (await collect(await engine.generate(named, { prompt: { text: 'the weft is drawn' }, maxTokens: 8, temperature: 0, topP: 1, topK: 0, stop: [] })))
                .tokens,
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
  300_000,
)

test.skipIf(!vulkan)(
  "on WebGPU the bundled model writes the CPU's greedy tokens",
  async () => {
    const model = await loadModel(join(import.meta.dirname, '../../base-model'))
    const runtime = openRuntime()
    const base: Named = { key: 'base', composed: { segments: [], sites: {}, longestPrefix: 0 } }
    const answer = async (device: Device) => {
      const engine = await openEngine(model, { runtime, device, threads: 1, fixed: createPrefixCache(1e8), maxBatch: 1, maxWaiting: 1, prefillChunk: 16 })
      try {
        return (await collect(await engine.generate(base, { prompt: { text: 'The sea' }, maxTokens: 8, temperature: 0, topP: 1, topK: 0, stop: [] }))).tokens
      } finally {
        await engine.close()
      }
    }
    const tokens = await answer('cpu')
    expect(tokens).toHaveLength(8)
    expect(await answer('webgpu')).toEqual(tokens)
  },
  300_000,
)

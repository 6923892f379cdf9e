import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors, toIntegers } from '@weft/adapters'
import { collect } from '@weft/inference/generation/generate'
import { openEngine } from '@weft/inference/open-engine'
import { createPrefixCache } from '@weft/inference/prefix-cache/prefix-cache'
import { importPeft } from '@weft/methods'
import { loadModel } from '@weft/model'
import { openRuntime } from '@weft/ort'
import lora from '@weft/plugins/lora'
import { composedOf } from '@weft/test/cases/serving/composed'
import { expect, test } from 'vitest'

const golden = join(import.meta.dirname, '../../../test/golden/peft')
const greedily = { temperature: 0, topP: 1, topK: 0, stop: [], maxTokens: 12 }

test.each([
  ['gpt2', 'lora-alora-absent'],
  ['llama', 'lora-alora'],
  ['qwen2', 'lora-alora-bias'],
  ['qwen3', 'lora-alora'],
  ['mistral', 'lora-alora'],
  ['gemma3_text', 'lora-alora'],
])("greedy tokens over a cache are PEFT's: %s/%s", async (arch, method) => {
  const model = await loadModel(join(golden, arch, 'base-causal_lm'))
  const folder = join(golden, arch, `${method}.causal_lm`)
  const { state } = await importPeft(
    { config: readFileSync(join(folder, 'adapter_config.json'), 'utf8'), weights: readFileSync(join(folder, 'adapter_model.safetensors')) },
    [lora],
    {
      model: model.spec,
      base: { name: model.name, fingerprint: model.fingerprint },
      baseWeight: (name) => model.weights.readSync(name),
    },
  )
  const { composed } = await composedOf(model, { adapter: state }, 'adapter')
  const { tensors } = readSafetensors(readFileSync(join(folder, 'greedy.safetensors')))
  const [prompt, whole] = ['input_ids', 'generated'].map((name) => toIntegers(tensors[name], name))
  // Their heads are of sizes that the fused kernel does not take.
  const engine = await openEngine(model, {
    runtime: openRuntime(),
    device: 'cpu',
    threads: 1,
    attentionKernel: 'products',
    fixed: createPrefixCache(1e6),
    maxBatch: 1,
    maxWaiting: 1,
    prefillChunk: 4,
  })
  try {
    const { tokens } = await collect(await engine.generate({ key: 'adapter', composed }, { ...greedily, prompt: { tokens: prompt } }))
    expect([...prompt, ...tokens]).toEqual(whole.slice(0, prompt.length + tokens.length))
    expect(tokens.length).toBeGreaterThan(0)
  } finally {
    await engine.close()
  }
})

import { rm } from 'node:fs/promises'
import { baseWeights } from '@weft/inference/base-weights'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime, type Runtime, type Weights } from '@weft/ort'
import plugins from '@weft/plugins'
import { afterAll, beforeAll } from 'vitest'
import { writeTinyLlama } from './tiny-llama.ts'

/** A tiny llama with its weights, all that training needs of a host, for the tests of one file; to be asked for when a test runs. */
export function tinyHost(): () => { model: LoadedModel; runtime: Runtime; plugins: typeof plugins; weights: Weights } {
  const runtime = openRuntime()
  const folder = writeTinyLlama()
  let model: LoadedModel
  let weights: Weights
  beforeAll(async () => {
    model = await loadModel(folder)
    weights = await baseWeights(runtime, model)
  })
  afterAll(async () => {
    weights.dispose()
    runtime.dispose()
    await rm(folder, { recursive: true })
  })
  return () => ({ model, runtime, plugins, weights })
}

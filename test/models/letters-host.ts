import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type LoadedModel, loadModel } from '@weft/model'
import { openRuntime, type Runtime } from '@weft/ort'
import plugins from '@weft/plugins'
import { afterAll, beforeAll } from 'vitest'
import { writeLettersLlama } from './letters-llama.ts'

/** A tiny llama of random weights that reads letters, for the tests of one file that train on it; to be asked for when a test runs. */
export function lettersHost(): () => { model: LoadedModel; runtime: Runtime; plugins: typeof plugins } {
  const runtime = openRuntime()
  const folder = writeLettersLlama()
  let model: LoadedModel
  beforeAll(async () => {
    model = await loadModel(join(folder, 'config.json'), { seed: 3 })
  })
  afterAll(async () => {
    runtime.dispose()
    await rm(folder, { recursive: true })
  })
  return () => ({ model, runtime, plugins })
}

import { type AdapterState, type FloatTensor, floatTensor, type ManifestInput, writeAdapter } from '@weft/adapters'
import { type LoadedModel, loadModel, modelShape, rawConfig } from '@weft/model'
import plugins from '@weft/plugins'
import { writeTinyCheckpoint } from '../cases/tiny-checkpoint.ts'
import { tinyConfigs } from '../cases/tiny-configs.ts'

export const architectures = Object.keys(tinyConfigs)

export const shapes = Object.fromEntries(architectures.map((architecture) => [architecture, modelShape(rawConfig(tinyConfigs[architecture]))]))
export const base = { name: 'tiny', fingerprint: 'ab'.repeat(32) }
export const spec = shapes.llama.spec
export const filled = (...shape: number[]): FloatTensor => floatTensor(shape, new Float32Array(shape.reduce((n, d) => n * d, 1)).fill(0.5))
export const rows = { inputsEmbeds: { rows: filled(2, 32) } }
export const head = { weight: filled(2, 32) }
export const query = 'model.layers.0.self_attn.q_proj'
export const branch = (length: number, columns = length) => ({
  prefix: filled(2, 2, 2, columns, 8),
  gate: filled(2, 4, 1),
  lengths: floatTensor([1], Float32Array.of(length)),
})

export const fileOf = (state: AdapterState, more: Partial<ManifestInput> = {}): Promise<Uint8Array> =>
  writeAdapter({ method: 'made-up', config: {}, base: { ...base, architecture: 'llama' }, task: 'CAUSAL_LM', lineage: {}, ...more }, state)

export const pluginOf = (id: string) => plugins.find((plugin) => plugin.id === id)!

/** A model whose weights nobody may read. */
export const tinyModel = async (architecture: string): Promise<LoadedModel> => {
  const model = await loadModel(writeTinyCheckpoint(architecture))
  const { tokenizer } = await loadModel('@weft/base-model')
  const weights = new Proxy(model.weights, {
    get: (_, name) => {
      throw new Error(`a weight was asked for (${String(name)})`)
    },
  })
  return { ...model, tokenizer, weights }
}

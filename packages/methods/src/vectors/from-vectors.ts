import type { AdapterState, FloatTensor, ManifestInput, ModelSpec } from '@weft/adapters'
import { encodeState } from '../encode-state.ts'
import { noMethodOfVectors } from '../errors.ts'
import { type Plugin, parseConfig } from '../plugin.ts'

/**
 * Vectors by layer, which were computed elsewhere, as what `writeAdapter` takes: of the first method that can be made of such.
 * Error 422 `no_method_of_vectors`; what the method refuses, such as `layer_missing`.
 */
export function fromVectors(
  vectors: ReadonlyMap<number, FloatTensor>,
  plugins: Iterable<Plugin>,
  { model, base }: { model: ModelSpec; base: { name: string; fingerprint: string } },
): { manifest: ManifestInput; state: AdapterState } {
  const plugin = [...plugins].find(({ fromPairs }) => fromPairs)
  if (!plugin) throw noMethodOfVectors()
  const { config, layers, params } = plugin.fromPairs!
  const made = config(parseConfig(plugin, {}), [...vectors.keys()])
  layers(made, model)
  return {
    manifest: { method: plugin.id, config: made, base: { ...base, architecture: model.architecture }, task: 'CAUSAL_LM', lineage: {} },
    state: encodeState(plugin, params(vectors), made, model),
  }
}

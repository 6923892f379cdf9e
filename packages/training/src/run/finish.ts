import {
  type AdapterState,
  floatTensor,
  isWeftError,
  type LoadedAdapter,
  type ManifestInput,
  type ModelSpec,
  validateState,
  writeAdapter,
} from '@weft/adapters'
import { encodedState, type Plugin, paramsToKeep } from '@weft/methods'
import { grownTooLong } from '../errors.ts'
import type { GraphEngine } from '../graph/engine.ts'
import { isHeadSlot } from '../graph/head.ts'

/**
 * Runs the method's encoder once and writes what it gives as an adapter file. Parameters that the state does not already hold
 * bit for bit (an encoder that was baked) are stored beside it, so that training can continue from the file.
 */
export const adapterFile = async (
  engine: GraphEngine,
  plugin: Plugin,
  manifest: ManifestInput,
  trained: { config: unknown; model: ModelSpec; required: readonly LoadedAdapter[] },
): Promise<{ bytes: Uint8Array<ArrayBuffer>; state: AdapterState }> => {
  const state = encodedState(plugin, trained.config, await engine.encode())
  const values = Object.fromEntries(
    engine.parameters.filter(({ name }) => !isHeadSlot(name)).map(({ name, shape, data }) => [name, floatTensor([...shape], data.slice())]),
  )
  const params = paramsToKeep(plugin, values, state, trained)
  checkLengths(state, trained.model, plugin.id)
  return { bytes: await writeAdapter(manifest, state, params), state }
}

/** What nobody would publish or load is told here, where it is known what keeps vectors short. */
function checkLengths(state: AdapterState, model: ModelSpec, method: string): void {
  try {
    for (const [site, tensors] of Object.entries(state)) validateState(site, tensors, model, method)
  } catch (error) {
    throw isWeftError(error) && error.code === 'tensor_norm' ? grownTooLong(error) : error
  }
}

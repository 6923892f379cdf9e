import {
  type AdapterState,
  type Finding,
  type FloatTensor,
  floatTensor,
  isWeftError,
  type LoadedAdapter,
  type ManifestInput,
  type ModelSpec,
  type Verdict,
  validateState,
  writeAdapter,
} from '@weft/adapters'
import { quoted } from '@weft/adapters/error-text'
import { encodedState, type Plugin, paramsToKeep, unusedParameters } from '@weft/methods'
import { grownTooLong } from '../errors.ts'
import type { GraphEngine } from '../graph/engine.ts'
import { isHeadSlot } from '../graph/head.ts'

/** What a run leaves: state, and the parameters that it does not give back. */
export interface TrainedState {
  state: AdapterState
  params: Record<string, FloatTensor>
  /** What somebody should know of the plugin, once it has trained. */
  findings: Finding[]
}

/**
 * Runs the method's encoder once. Parameters that the state does not already hold bit for bit (an encoder that was baked) are kept beside it, so that
 * training can continue from the file.
 */
export const trainedState = async (
  engine: GraphEngine,
  plugin: Plugin,
  trained: { config: unknown; model: ModelSpec; required: readonly LoadedAdapter[] },
): Promise<TrainedState> => {
  const state = encodedState(plugin, trained.config, await engine.encode())
  const values = Object.fromEntries(
    engine.parameters.filter(({ name }) => !isHeadSlot(name)).map(({ name, shape, data }) => [name, floatTensor([...shape], data.slice())]),
  )
  const findings: Finding[] = []
  const params = paramsToKeep(plugin, values, state, trained, ({ message }) => findings.push(decodeFailed(message)))
  checkLengths(state, trained.model, plugin.id)
  const unused = unusedParameters(plugin, trained.config, trained.model, trained.required)
  // Rows of several tasks in a batch may be made of what no single task reads.
  if (unused.length > 0 && !plugin.encodeBatch) findings.push(parametersUnused(plugin.id, unused))
  return { state, params, findings }
}

/** The same as an adapter file. */
export const adapterFile = async (
  engine: GraphEngine,
  plugin: Plugin,
  manifest: ManifestInput,
  trained: Parameters<typeof trainedState>[2],
): Promise<{ bytes: Uint8Array<ArrayBuffer>; state: AdapterState }> => {
  const { state, params } = await trainedState(engine, plugin, trained)
  return { bytes: await writeAdapter(manifest, state, params), state }
}

const decodeFailed = (message: string): Finding => ({
  code: 'decode_failed',
  level: 'warn',
  message: `${message} Nothing that was trained is lost: the parameters are stored beside the state.`.slice(0, 4096),
})

const parametersUnused = (method: string, names: readonly string[]): Finding => ({
  code: 'parameters_unused',
  level: 'warn',
  message: `The "encode" of the method "${method}" makes nothing of ${quoted(names.slice(0, 8))}${names.length > 8 ? ` and ${names.length - 8} more` : ''}, so they stay as they began.`,
  next: 'Use them in the "encode" of the plugin, or leave them out of its "params".',
})

/** The verdict with what is known of the plugin; a warning stands first. */
export const withFindings = (verdict: Verdict, findings: readonly Finding[]): Verdict =>
  findings.length > 0 ? { ...verdict, findings: [...findings, ...verdict.findings].slice(0, 64) } : verdict

/** What nobody would publish or load is told here, where it is known what keeps vectors short. */
function checkLengths(state: AdapterState, model: ModelSpec, method: string): void {
  try {
    for (const [site, tensors] of Object.entries(state)) validateState(site, tensors, model, method)
  } catch (error) {
    throw isWeftError(error) && error.code === 'tensor_norm' ? grownTooLong(error) : error
  }
}

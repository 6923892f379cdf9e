import {
  type AdapterState,
  type FloatTensor,
  floatTensor,
  invocationsOf,
  type LoadedAdapter,
  type LowRank,
  type ModelSpec,
  readSafetensors,
  toFloat32,
} from '@weft/adapters'
import { notLowRank } from '../errors.ts'
import { exportPeft } from '../peft/export.ts'
import type { Plugin } from '../plugin.ts'

/** Whether it is written as low-rank additions, or refused as such: whether it acts on linear layers. */
export const actsOnLinear = (state: AdapterState): boolean => state.linear !== undefined || state.activatedLinear !== undefined

/**
 * An adapter as low-rank additions to linear layers: the way back from `fromLowRank`. B is as it was trained beside an alpha that gives the state bit for bit,
 * and as the state has it, scaled already, where no one alpha/R does (rsLoRA, alphas of modules). What else the adapter does is refused. Error 422 `not_low_rank`.
 */
export function toLowRank(adapter: LoadedAdapter, plugins: Iterable<Plugin>, model: ModelSpec): LowRank {
  const {
    manifest: { method, task },
    state,
  } = adapter
  if (task !== 'CAUSAL_LM') throw notLowRank(method, `it was made for ${task}, and such a file holds no classifier and no pooling`, 'Take one that generates')
  if (state.scale) throw notLowRank(method, 'it scales layers too (site "scale"), as DoRA does', 'Train it with use_dora false')
  const elsewhere = Object.keys(state).filter((site) => site !== 'linear' && site !== 'activatedLinear')
  if (elsewhere.length > 0) throw notLowRank(method, `it acts at ${elsewhere.join(', ')} too`, 'Take one that acts on linear layers alone')
  const biased = Object.keys(state.linear ?? {}).filter((name) => name.endsWith('.bias'))
  if (biased.length > 0) throw notLowRank(method, `it moves biases, such as ${biased[0]}`, 'Train it with bias "none"')
  const invocation = state.activatedLinear && invocationOf(method, state.activatedLinear as Record<string, FloatTensor>)
  const tensors = (state.activatedLinear ?? state.linear ?? {}) as Record<string, FloatTensor>
  const pairs = new Map(
    Object.entries(tensors).flatMap(([name, a]) => (name.endsWith('.a') ? [[name.slice(0, -2), { a, b: tensors[`${name.slice(0, -2)}.b`] }] as const] : [])),
  )
  if (pairs.size === 0) throw notLowRank(method, 'it changes nothing', 'Take one that was trained')
  return { ...(asTrained(adapter, pairs, plugins, model) ?? { alpha: 0, pairs }), ...(invocation && { invocation }) }
}

/** The tokens that all of it waits for. */
function invocationOf(method: string, { invocations, ...rest }: Record<string, FloatTensor>): number[] {
  const sequences = invocationsOf(invocations)
  if (sequences.length !== 1 || !Object.entries(rest).every(([name, { data }]) => !name.endsWith('.of') || data.every((each) => each === 1)))
    throw notLowRank(method, `it waits for ${sequences.length} invocations, and such a file holds one`, 'Take one with one')
  return sequences[0]
}

/** B and alpha as the method trained them, where alpha/R of each module gives what acts, bit for bit. */
function asTrained(adapter: LoadedAdapter, pairs: LowRank['pairs'], plugins: Iterable<Plugin>, model: ModelSpec): LowRank | undefined {
  const all = [...plugins]
  if (all.find(({ id }) => id === adapter.manifest.method)?.peft?.peftType !== 'LORA') return undefined
  const { config, weights } = exportPeft(adapter, all, model)
  const alpha = Math.fround(Number((JSON.parse(config) as { lora_alpha: unknown }).lora_alpha))
  if (alpha === 0) return undefined // too small for a float32, where 0 says that additions count as they are
  const { tensors } = readSafetensors(weights)
  const trained = new Map(
    [...pairs].map(([module, { a, b }]) => {
      const name = `base_model.model.${module}.lora_B.weight`
      return [module, { a, b: floatTensor([...b.shape], toFloat32(tensors[name], name)) }]
    }),
  )
  const same = [...trained].every(([module, { a, b }]) => {
    const scale = Math.fround(alpha / a.shape[0])
    return pairs.get(module)!.b.data.every((value, i) => Object.is(Math.fround(b.data[i] * scale), value))
  })
  return same ? { alpha, pairs: trained } : undefined
}

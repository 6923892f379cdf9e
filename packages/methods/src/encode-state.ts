import { type AdapterState, type FloatTensor, floatTensor, type ModelSpec } from '@weft/adapters'
import { GraphBuilder, interpret, type TensorData, type Value } from '@weft/graph'
import type { Param, PluginDefinition } from './plugin.ts'

/**
 * Parameters to state: runs `encode` once, in plain TypeScript, and merges the method's constants. Encoders and projections are
 * applied here, so serving never needs them.
 */
export function encodeState<C, P extends Record<string, Param>>(
  plugin: PluginDefinition<C, P>,
  values: Readonly<Record<keyof P & string, FloatTensor>>,
  config: C,
  model: ModelSpec,
): AdapterState {
  const g = new GraphBuilder(plugin.id)
  const feeds: Record<string, TensorData> = {}
  const inputs: Record<string, Value> = {}
  for (const [name, { shape, data }] of Object.entries<FloatTensor>(values)) {
    inputs[name] = g.input(name, 'float32', shape)
    feeds[name] = { dtype: 'float32', shape, data }
  }
  const state: AdapterState = { ...plugin.constants?.(config) }
  const encoded = plugin.encode(g, inputs as { [K in keyof P]: Value }, config, model)
  const places = Object.entries(encoded).flatMap(([site, tensors]) => Object.entries(tensors).map(([tensor, value]) => ({ site, tensor, value })))
  places.forEach(({ value }, n) => g.output(`state.${n}`, value))
  const results = places.length ? interpret(g.build(), feeds) : {}
  places.forEach(({ site, tensor }, n) => {
    const { shape, data } = results[`state.${n}`]
    state[site] = { ...state[site], [tensor]: floatTensor([...shape], Float32Array.from(data as Float32Array)) }
  })
  return state
}

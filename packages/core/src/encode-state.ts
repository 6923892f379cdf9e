import { GraphBuilder, interpret, type TensorData, type Value } from '@weft/graph'
import type { LoadedAdapter } from './adapter/loaded.ts'
import type { ModelSpec } from './model-spec.ts'
import type { Param, PluginDefinition } from './plugin.ts'
import { floatTensor, type AdapterState, type FloatTensor } from './tensor.ts'

/**
 * The state that parameters stand for: `encode` run once, in plain TypeScript, and merged with the method's constants.
 * Encoders and projections are baked here; what is stored never needs them.
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

/**
 * Which parameters must be kept beside the state for training to resume: none when every trainable one is its own state
 * tensor, all of them when an encoder stands between.
 */
export function paramsToKeep(
  plugin: PluginDefinition<any, any>,
  values: Readonly<Record<string, FloatTensor>>,
  config: unknown,
  model: ModelSpec,
  required: readonly LoadedAdapter[] = [],
): Record<string, FloatTensor> {
  const specs = plugin.params(config, model, required) as Record<string, Param>
  const g = new GraphBuilder(plugin.id)
  const inputs = Object.fromEntries(Object.entries(specs).map(([name, { shape }]) => [name, g.input(name, 'float32', shape)]))
  const stored = new Set(Object.values(plugin.encode(g, inputs, config, model)).flatMap((tensors) => Object.values(tensors)))
  return Object.fromEntries(Object.entries(specs)
    .filter(([name, { trainable }]) => trainable && !stored.has(inputs[name]))
    .map(([name]) => [name, values[name]]))
}

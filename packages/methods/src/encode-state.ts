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
  const encoded = plugin.encode(g, inputs as { [K in keyof P]: Value }, config, model)
  const places = Object.entries(encoded).flatMap(([site, tensors]) => Object.entries(tensors).map(([tensor, value]) => ({ name: `${site}.${tensor}`, value })))
  for (const { name, value } of places) g.output(name, g.identity(value))
  const results = places.length ? interpret(g.build(), feeds) : {}
  return encodedState(plugin, config, results as Record<string, TensorData & { data: Float32Array }>)
}

/** The state of an adapter: what `encode` gave, by `<site>.<tensor>`, and what is known without training. */
export function encodedState(
  { constants }: Pick<PluginDefinition<any, any>, 'constants'>,
  config: unknown,
  encoded: Readonly<Record<string, { shape: readonly number[]; data: ArrayLike<number> }>>,
): AdapterState {
  const state: AdapterState = { ...constants?.(config) }
  for (const [name, { shape, data }] of Object.entries(encoded)) {
    const dot = name.indexOf('.') // a tensor of the `weights` site has dots in its own name
    const site = name.slice(0, dot)
    state[site] = { ...state[site], [name.slice(dot + 1)]: floatTensor([...shape], Float32Array.from(data)) }
  }
  return state
}

import { type AdapterState, type FloatTensor, identical, isFloat, type LoadedAdapter, type ModelSpec, type Tensor } from '@weft/adapters'
import { missingTensor } from '@weft/adapters/errors'
import { GraphBuilder, type Value } from '@weft/graph'
import type { Param, Plugin } from './plugin.ts'

/** The result of training: values of the parameters, and the state they encode to. */
interface Trained {
  config: unknown
  model: ModelSpec
  required?: readonly LoadedAdapter[]
}

/** The trainable parameters that the state does not give back bit for bit. They are stored beside it, so that training can continue. */
export function paramsToKeep(
  plugin: Plugin,
  values: Readonly<Record<string, FloatTensor>>,
  state: AdapterState,
  trained: Trained,
): Record<string, FloatTensor> {
  const given = fromState(plugin, state, trained)
  const specs = specsOf(plugin, trained)
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => {
      const back = given[name]
      return specs[name]?.trainable && !(back && identical(back, value))
    }),
  )
}

/** The trainable parameters of a stored adapter, for a warm start. Error 422 `tensor_missing`. */
export function restoreParams(plugin: Plugin, adapter: Pick<LoadedAdapter, 'state' | 'params'>, trained: Trained): Record<string, FloatTensor> {
  const given: Record<string, Tensor | undefined> = { ...fromState(plugin, adapter.state, trained), ...adapter.params }
  return Object.fromEntries(
    Object.entries(specsOf(plugin, trained))
      .filter(([, { trainable }]) => trainable)
      .map(([name]) => {
        const tensor = given[name]
        if (!tensor || !isFloat(tensor)) throw missingTensor('adapter', `params.${name}`)
        return [name, tensor]
      }),
  )
}

const specsOf = (plugin: Plugin, { config, model, required = [] }: Trained): Record<string, Param> => plugin.params(config, model, required)

/** Parameters that are part of the state unchanged, or that `decode` gives back. */
function fromState(plugin: Plugin, state: AdapterState, trained: Trained): Record<string, FloatTensor> {
  const g = new GraphBuilder(plugin.id)
  const inputs = Object.fromEntries(Object.entries(specsOf(plugin, trained)).map(([name, { shape }]) => [name, g.input(name, 'float32', shape)]))
  const names = new Map<Value, string>(Object.entries(inputs).map(([name, value]) => [value, name]))
  const found: Record<string, FloatTensor> = {}
  for (const [site, tensors] of Object.entries(plugin.encode(g, inputs, trained.config, trained.model))) {
    for (const [tensor, value] of Object.entries(tensors)) {
      const name = names.get(value)
      const held = state[site]?.[tensor]
      if (name !== undefined && held && isFloat(held)) found[name] = held
    }
  }
  return { ...found, ...plugin.decode?.(state, trained.config, trained.model) }
}

import { type AdapterState, type FloatTensor, identical, isFloat, type LoadedAdapter, type ModelSpec, type Tensor, type WeftError } from '@weft/adapters'
import { isWeftError } from '@weft/adapters/error'
import { missingTensor } from '@weft/adapters/errors'
import { GraphBuilder, type Value } from '@weft/graph'
import { pluginFailed } from './errors.ts'
import { isMap, kindOf } from './kind-of.ts'
import { ofPlugin } from './of-plugin.ts'
import type { Param, Plugin } from './plugin.ts'

/** The result of training: values of the parameters, and the state they encode to. */
interface Trained {
  config: unknown
  model: ModelSpec
  required?: readonly LoadedAdapter[]
}

/**
 * The trainable parameters that the state does not give back bit for bit. They are stored beside it, so that training can continue: all of them where
 * `decode` fails, which loses nothing of what was trained.
 * @param onFault told what is wrong with `decode`
 */
export function paramsToKeep(
  plugin: Plugin,
  values: Readonly<Record<string, FloatTensor>>,
  state: AdapterState,
  trained: Trained,
  onFault: (fault: WeftError) => void = () => {},
): Record<string, FloatTensor> {
  const given = fromState(plugin, state, trained, onFault)
  const specs = specsOf(plugin, trained)
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => {
      const back = given[name]
      return specs[name]?.trainable && !(back && isMap(back) && isMap(back.data) && identical(back, value))
    }),
  )
}

/** The trainable parameters of a stored adapter, for a warm start. Error 422 `tensor_missing`. */
export function restoreParams(plugin: Plugin, adapter: Pick<LoadedAdapter, 'state' | 'params'>, trained: Trained): Record<string, FloatTensor> {
  const given: Record<string, Tensor | undefined> = { ...fromState(plugin, adapter.state, trained, () => {}), ...adapter.params }
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
function fromState(plugin: Plugin, state: AdapterState, trained: Trained, onFault: (fault: WeftError) => void): Record<string, Tensor> {
  const g = new GraphBuilder(plugin.id)
  const inputs = Object.fromEntries(Object.entries(specsOf(plugin, trained)).map(([name, { shape }]) => [name, g.input(name, 'float32', shape)]))
  const names = new Map<Value, string>(Object.entries(inputs).map(([name, value]) => [value, name]))
  const found: Record<string, Tensor> = {}
  for (const [site, tensors] of Object.entries(plugin.encode(g, inputs, trained.config, trained.model))) {
    for (const [tensor, value] of Object.entries(tensors)) {
      const name = names.get(value)
      const held = state[site]?.[tensor]
      if (name !== undefined && held && isFloat(held)) found[name] = held
    }
  }
  return { ...found, ...decoded(plugin, state, trained, onFault) }
}

/** What `decode` gives; nothing where it fails, so that parameters are kept, and found, beside the state. */
function decoded(plugin: Plugin, state: AdapterState, { config, model }: Trained, onFault: (fault: WeftError) => void): Readonly<Record<string, Tensor>> {
  try {
    const given = ofPlugin(plugin, 'decode', () => plugin.decode?.(state, config, model)) ?? {}
    if (!isMap(given)) throw pluginFailed(plugin.id, `its "decode" gave ${kindOf(given)}; expected parameters by name, or undefined`)
    return given
  } catch (error) {
    if (!isWeftError(error)) throw error
    onFault(error)
    return {}
  }
}

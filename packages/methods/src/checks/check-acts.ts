import type { LoadedAdapter, ModelSpec, TaskType } from '@weft/adapters'
import { GraphBuilder, type Value } from '@weft/graph'
import { stateShapes } from '../encoded-shapes.ts'
import { pluginFailed } from '../errors.ts'
import { ofPlugin, paramsOf } from '../of-plugin.ts'
import type { Plugin } from '../plugin.ts'

/** That what a method trains at this config changes something: what leaves a model as it is would train to nothing. A classifier has its head. Error 422 `plugin_failed`. */
export function checkActs(plugin: Plugin, config: unknown, model: ModelSpec, task: TaskType, required: readonly LoadedAdapter[] = []): void {
  if (task === 'SEQ_CLS' || task === 'TOKEN_CLS') return
  const state = Object.values(stateShapes(plugin, config, model, required))
  if (state.some((tensors) => Object.keys(tensors).length > 0)) return
  // It is the model that has nothing for the method, then.
  if (Object.keys(paramsOf(plugin, config, model, required)).length === 0) return
  throw pluginFailed(
    plugin.id,
    'its "encode" gave no tensor for this config, so the model would stay as it is; expected values by site, such as { inputsEmbeds: { rows } }',
  )
}

/** Trainable parameters that nothing of what `encode` gives is made of: they would stay as they began. */
export function unusedParameters(plugin: Plugin, config: unknown, model: ModelSpec, required: readonly LoadedAdapter[] = []): string[] {
  const g = new GraphBuilder(plugin.id)
  const params = paramsOf(plugin, config, model, required)
  const inputs = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, g.input(name, 'float32', shape)]))
  const open: Value[] = Object.values(ofPlugin(plugin, 'encode', () => plugin.encode(g, inputs, config, model))).flatMap((tensors) => Object.values(tensors))
  const read = new Set<Value>()
  for (let value = open.pop(); value; value = open.pop()) {
    if (read.has(value)) continue
    read.add(value)
    for (const input of value.node?.inputs ?? []) if (input) open.push(input)
  }
  return Object.keys(params).filter((name) => params[name].trainable && !read.has(inputs[name]))
}

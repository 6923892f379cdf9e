import { type ModelSpec, rowWidth } from '@weft/adapters'
import { peftOtherBase } from '../errors.ts'
import type { Param, Plugin } from '../plugin.ts'

/** How many layers names reach into, by what stands before a layer's number: `model.layers`. */
function layersOf(names: readonly string[]): (stem: string) => number {
  const numbered = names.flatMap((name) => {
    const [, stem, layer] = /^(?:base_model\.model\.)?(.*?)\.(\d+)\./.exec(name) ?? []
    return stem ? [{ stem: `.${stem}`, count: Number(layer) + 1 }] : []
  })
  // A bare base has shorter names.
  return (stem) => Math.max(0, ...numbered.filter((each) => `.${stem}`.endsWith(each.stem)).map(({ count }) => count))
}

/** That a checkpoint's tensors reach into as many layers as this model has: into none that is not there, and into all that are adapted. Error 409 `wrong_base_model`. */
export function checkLayers(tensors: readonly string[], params: readonly string[], { modules }: Pick<ModelSpec, 'modules'>): void {
  const [held, wanted, there] = [tensors, params, Object.keys(modules)].map(layersOf)
  for (const stem of new Set(Object.keys(modules).map((name) => name.replace(/\.\d+\..*$/, '')))) {
    const said = held(stem)
    if (said > there(stem) || (said > 0 && wanted(stem) > said)) throw peftOtherBase('num_layers', said, there(stem))
  }
}

/** That a parameter's tensor differs in no size that the base model gives it: those that a wider model changes. Error 409 `wrong_base_model`. */
export function checkWidth(
  { plugin, config, model }: { plugin: Plugin; config: unknown; model: ModelSpec },
  { param, name, shape }: { param: string; name: string; shape: readonly number[] },
): void {
  const modules = Object.fromEntries(Object.entries(model.modules).map(([module, [out, input]]) => [module, [out + 1, input + 1] as [number, number]]))
  const ofParam = (of: ModelSpec): number[] => (plugin.params(config, of, []) as Record<string, Param>)[param].shape
  const [ours, wider] = [ofParam(model), ofParam({ ...model, hiddenSize: model.hiddenSize + 1, embeddingSize: rowWidth(model) + 1, modules })]
  const axis = ours.findIndex((size, i) => wider[i] !== size && shape[i] !== size)
  if (axis >= 0 && shape.length === ours.length) throw peftOtherBase(`width at ${name}`, shape[axis], ours[axis])
}

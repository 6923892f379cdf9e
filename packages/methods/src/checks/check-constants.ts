import { type AdapterState, checkValues, isFloat, type ModelSpec, type SiteValues, siteOf, sites, sizeOf, type Tensor, validateState } from '@weft/adapters'
import { isWeftError } from '@weft/adapters/error'
import { quoted } from '@weft/adapters/error-text'
import { pluginFailed } from '../errors.ts'
import { isMap, kindOf } from '../kind-of.ts'
import type { Plugin } from '../plugin.ts'

/**
 * That a method's constants are tensors, at sites that it declares, which training holds as they are served: what only serving would see makes every loss
 * that is told of the adapter another's. Error 422 `plugin_failed`.
 */
export function checkConstants(
  { id, sites: listed, trains }: Pick<Plugin, 'id'> & Partial<Plugin>,
  given: unknown,
  encoded: SiteValues,
  model: ModelSpec,
): void {
  const refuse = (why: string): never => {
    throw pluginFailed(id, `its "constants" ${why}`)
  }
  if (!isMap(given)) refuse(`gave ${kindOf(given)}; expected tensors by site, such as { residual: { '0.vector': { shape, data } } }`)
  for (const [site, tensors] of Object.entries(given as AdapterState)) {
    if (!Object.hasOwn(sites, site)) refuse(`fill the site "${site}", and there is none; sites are ${quoted(Object.keys(sites))}`)
    if (listed && !(listed as readonly string[]).includes(site))
      refuse(`fill the site "${site}", and "sites" lists ${quoted(listed) || 'none'}; list every site that they fill`)
    if (!isMap(tensors)) refuse(`gave ${kindOf(tensors)} at "${site}"; expected its tensors by name`)
    for (const [name, tensor] of Object.entries(tensors)) {
      if (!isTensor(tensor)) refuse(`gave ${formOf(tensor)} as ${site}.${name}; expected { shape, data } with as many values in a Float32Array`)
      const { dtype } = siteOf(site).tensors(model)[name] ?? {}
      if (dtype && isFloat(tensor) !== (dtype === 'float32')) refuse(`gave ${formOf(tensor)} as ${site}.${name}; expected ${dtype}`)
      if (Object.hasOwn(encoded, site) && Object.hasOwn(encoded[site], name))
        refuse(`and its "encode" both give ${site}.${name}, and one of them would be dropped; leave it out of one`)
      if (trains !== false) checkTrained(site, name, refuse)
    }
    told(id, () => {
      if (!Object.hasOwn(encoded, site)) validateState(site, tensors, model, 'constants')
      else for (const [name, tensor] of Object.entries(tensors)) if (isFloat(tensor)) checkValues(tensor, `constants/${site}.${name}`)
    })
  }
}

/** What training's graphs have no place for. */
function checkTrained(site: string, name: string, refuse: (why: string) => never): void {
  if (site === 'text')
    refuse('put a text in front, which training does not see, so that what is served is not what was trained. Give the embeddings of its tokens as rows')
  if (siteOf(site).strength === 'log' && name === 'bias')
    refuse(
      `give the strength ${site}.bias, which training does not see, so that what is served is not what was trained. Leave it out: whoever composes says how strongly it acts, 2*name`,
    )
}

const isTensor = (value: Partial<Tensor> | null | undefined): value is Tensor =>
  isMap(value) &&
  Array.isArray(value?.shape) &&
  value.shape.every((size) => Number.isInteger(size) && size > 0) &&
  (value.data instanceof Float32Array || value.data instanceof Uint8Array) &&
  value.data.length === sizeOf(value.shape)

const formOf = (value: Partial<Tensor> | null | undefined): string => {
  if (!isMap(value) || !Array.isArray(value?.shape) || !ArrayBuffer.isView(value.data)) return kindOf(value)
  return `${value.data.length} values in a ${value.data.constructor.name} of the shape [${value.shape.map(String).join(', ')}]`
}

function told(id: string, run: () => void): void {
  try {
    run()
  } catch (error) {
    throw isWeftError(error) ? pluginFailed(id, error.message) : error
  }
}

import { type AdapterState, type LoadedAdapter, type ModelSpec, type SiteShapes, type SiteValues, siteOf, sites, validateShapes } from '@weft/adapters'
import { isWeftError } from '@weft/adapters/error'
import { quoted } from '@weft/adapters/error-text'
import { GraphBuilder, type Value } from '@weft/graph'
import { checkConstants } from './checks/check-constants.ts'
import { pluginFailed } from './errors.ts'
import { isMap, kindOf } from './kind-of.ts'
import { ofPlugin, paramsOf } from './of-plugin.ts'
import type { Plugin } from './plugin.ts'

type Encoding = Pick<Plugin, 'id' | 'params' | 'encode'> & Partial<Pick<Plugin, 'sites' | 'constants' | 'tokenized' | 'trains'>>

/** What `encode` makes of a config, for its shapes alone: no parameter has a value. Error 422 `plugin_failed` where that is no state for this model. */
export function encodedShapes<C>(plugin: Encoding, config: C, model: ModelSpec, required: readonly LoadedAdapter[] = []): SiteValues {
  const g = new GraphBuilder(plugin.id)
  const inputs: Record<string, Value> = {}
  for (const [name, { shape }] of Object.entries(paramsOf(plugin, config, model, required))) inputs[name] = g.input(name, 'float32', shape)
  const encoded = ofPlugin(plugin, 'encode', () => plugin.encode(g, inputs, config, model))
  checkEncoded(plugin, encoded, config, model)
  return encoded
}

/** That what `encode` gave stands at sites that the method declares, and has the tensors that they take of this model. */
function checkEncoded<C>({ id, ...plugin }: Encoding, encoded: SiteValues, config: C, model: ModelSpec): void {
  if (!isMap(encoded)) throw pluginFailed(id, `its "encode" gave ${kindOf(encoded)}; expected values by site, such as { inputsEmbeds: { rows } }`)
  const constants = constantsOf({ id, ...plugin }, config)
  for (const [site, values] of Object.entries<Record<string, Value>>(encoded)) {
    if (!Object.hasOwn(sites, site)) throw pluginFailed(id, `its "encode" fills the site "${site}", and there is none; sites are ${quoted(Object.keys(sites))}`)
    if (plugin.sites && !(plugin.sites as readonly string[]).includes(site))
      throw pluginFailed(id, `its "encode" fills the site "${site}", and "sites" lists ${quoted(plugin.sites) || 'none'}; list every site that it fills`)
    if (!isMap(values)) throw pluginFailed(id, `its "encode" gave ${kindOf(values)} at "${site}"; expected its tensors by name`)
    for (const [name, value] of Object.entries<Partial<Value> | null | undefined>(values)) {
      if (!Array.isArray(value?.shape) || value.dtype === undefined)
        throw pluginFailed(
          id,
          `its "encode" gave ${kindOf(value)} as ${site}.${name}; expected a value of the graph: a parameter, or what a method of g returned`,
        )
      if (name === 'bias' && siteOf(site).strength === 'log')
        throw pluginFailed(
          id,
          `its "encode" gave the strength ${site}.bias, which training does not see: whoever composes says how strongly it acts, 2*name. Leave it out`,
        )
      if (value.dtype !== 'float32') throw pluginFailed(id, `its "encode" gave ${site}.${name} in ${value.dtype}; expected float32`)
    }
  }
  checkConstants({ id, ...plugin }, constants, encoded, model)
  for (const [site, values] of Object.entries(encoded)) {
    try {
      validateShapes(site, { ...values, ...constants[site] } as SiteShapes, model, 'encode')
    } catch (error) {
      throw isWeftError(error) ? pluginFailed(id, error.message) : error
    }
  }
}

/** What the method knows without training. */
const constantsOf = <C>(plugin: Pick<Plugin, 'id'> & Partial<Plugin>, config: C): AdapterState =>
  ofPlugin(plugin, 'constants', () => plugin.constants?.(inTokens(plugin, config))) ?? {}

/** The state that a config leads to, by its shapes: what `encode` gives, and the constants. */
export const stateShapes = <C>(plugin: Encoding, config: C, model: ModelSpec, required: readonly LoadedAdapter[] = []): Record<string, SiteShapes> => {
  const shapes: Record<string, SiteShapes> = encodedShapes(plugin, config, model, required)
  for (const [site, tensors] of Object.entries(constantsOf(plugin, config))) shapes[site] = { ...tensors, ...shapes[site] }
  return shapes
}

/** With a token that stands for any, where what the config says in text is not read yet: what is wrong with it is for whoever has the tokenizer. */
function inTokens<C>({ tokenized }: Partial<Pick<Plugin, 'tokenized'>>, config: C): C {
  try {
    return tokenized?.(config, () => [0]) ?? config
  } catch {
    return config
  }
}

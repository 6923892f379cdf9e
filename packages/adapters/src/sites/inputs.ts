import type { ModelSpec } from '../model-spec.ts'
import type { AdapterState } from '../tensor.ts'
import { siteOf } from './index.ts'
import type { Serving, SiteInput } from './site.ts'

/** A graph input of an adapter: `<site>.<tensor>`. */
export interface AdapterInput extends SiteInput {
  site: string
}

/** Everything that these states are as graph inputs, or what is served in one way. */
export const adapterInputs = (states: AdapterState, model: ModelSpec, served: readonly Serving[] = ['inputs', 'cache', 'head', 'session']): AdapterInput[] =>
  Object.entries(states).flatMap(([name, state]) => {
    const site = siteOf(name)
    return site
      .inputs(state, model)
      .filter(({ servedBy = site.servedBy ?? 'inputs' }) => served.includes(servedBy))
      .map((input) => ({ ...input, site: name, name: `${name}.${input.name}` }))
  })

/** What of inputs decides a graph that is made for them. */
export const inputsKey = (inputs: readonly AdapterInput[]): string =>
  JSON.stringify(inputs.map(({ name, tensor, idle, invocations }) => [name, tensor.shape, idle ?? false, ...(invocations ? [invocations] : [])]))

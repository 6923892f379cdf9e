import { type AdapterState, type FloatTensor, identical, type ModelSpec, type Tensor } from '@weft/adapters'
import type { Plugin } from '../plugin.ts'

/** Where an imported file keeps tensors of PEFT's that its state would not give back. */
const place = 'peft.'

interface Brought {
  /** What of the file is the method's. */
  tensors: Readonly<Record<string, FloatTensor>>
  state: AdapterState
  config: Record<string, unknown>
  model: ModelSpec
  params: Readonly<Record<string, FloatTensor>>
}

/** The tensors that exporting again would write otherwise: halves that PEFT stores for an encoder-decoder and nobody reads. */
export function keepsake(plugin: Plugin, { tensors, state, config, model, params }: Brought): Record<string, FloatTensor> {
  if (plugin.peft!.paramsFrom) return {}
  const again = writtenAgain(() => plugin.peft!.stateTo(state, config, model, params))
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name, tensor]) => !(again[name] && identical(again[name], tensor)))
      .map(([name, tensor]) => [`${place}${name}`, tensor]),
  )
}

/** Those of a stored adapter, by PEFT's names. */
export const kept = (params: Readonly<Record<string, Tensor>>): Record<string, FloatTensor> =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name.startsWith(place))
      .map(([name, tensor]) => [name.slice(place.length), tensor as FloatTensor]),
  )

const writtenAgain = (write: () => Record<string, FloatTensor>): Record<string, FloatTensor> => {
  try {
    return write()
  } catch {
    return {}
  }
}

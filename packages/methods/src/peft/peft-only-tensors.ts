import { type AdapterState, type FloatTensor, identical, type ModelSpec, type Tensor } from '@weft/adapters'
import type { Plugin } from '../plugin.ts'

/** How such tensors are named among an adapter file's parameters. */
const prefix = 'peft.'

interface Imported {
  /** The method's tensors in PEFT's file, by PEFT's names. */
  tensors: Readonly<Record<string, FloatTensor>>
  state: AdapterState
  config: Record<string, unknown>
  model: ModelSpec
  params: Readonly<Record<string, FloatTensor>>
}

/**
 * The tensors of a checkpoint that exporting the adapter would not write again as they were: PEFT stores halves of prompts and prefixes for an
 * encoder-decoder that no model reads, so the state has no place for them.
 */
export function peftOnlyTensors(plugin: Plugin, { tensors, state, config, model, params }: Imported): Record<string, FloatTensor> {
  if (plugin.peft!.paramsFrom) return {}
  const again = writtenAgain(() => plugin.peft!.stateTo(state, config, model, params))
  return Object.fromEntries(
    Object.entries(tensors)
      .filter(([name, tensor]) => !(again[name] && identical(again[name], tensor)))
      .map(([name, tensor]) => [`${prefix}${name}`, tensor]),
  )
}

/** The same of a stored adapter's `params`, by PEFT's names. */
export const storedPeftOnlyTensors = (params: Readonly<Record<string, Tensor>>): Record<string, FloatTensor> =>
  Object.fromEntries(
    Object.entries(params)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor as FloatTensor]),
  )

const writtenAgain = (write: () => Record<string, FloatTensor>): Record<string, FloatTensor> => {
  try {
    return write()
  } catch {
    return {}
  }
}

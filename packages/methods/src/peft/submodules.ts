import { type FloatTensor, floatTensor, identical, type ModelSpec } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import * as z from 'zod/mini'
import { peftContradiction, peftNotExportable } from '../errors.ts'
import type { PeftConfig } from './mapping.ts'

/**
 * PEFT's `num_transformer_submodules`: 2 where a checkpoint was made for an encoder-decoder. Its prompts then have twice the rows, of
 * which the encoder reads the first half, and nothing reads the second. Its prefixes are read in another order of layers (`readLayer`). A config
 * with 2 keeps PEFT's shapes, so that a checkpoint trains on as it would in PEFT. Without it, only what is read is trained.
 */
export const numTransformerSubmodules = z.optional(z.union([z.literal(1), z.literal(2)]))

/** The field as PEFT's config has it. */
export const submodulesFrom = (peft: PeftConfig): { numTransformerSubmodules?: 2 } =>
  peft.num_transformer_submodules === 2 ? { numTransformerSubmodules: 2 } : {}

interface Submodules {
  numTransformerSubmodules?: 1 | 2 | undefined
}

/** Rows of a prompt's parameter: P, or all that PEFT keeps. */
export const storedRows = (numVirtualTokens: number, { numTransformerSubmodules = 1 }: Submodules): number => numVirtualTokens * numTransformerSubmodules

/** The rows that are read, `[P,H]`, of those that are stored. */
export const readRows = (g: GraphBuilder, rows: Value, numVirtualTokens: number): Value =>
  rows.shape[0] === numVirtualTokens ? rows : g.slice(rows, { starts: [0], ends: [numVirtualTokens], axes: [0] })

/** The same of a checkpoint's tensor. Error 422 `peft_contradiction` where it has another number of rows than its config says. */
export const rowsFrom = ({ shape, data }: FloatTensor, config: Submodules & { numVirtualTokens: number }): FloatTensor => {
  const { numVirtualTokens } = config
  const [stored, width] = shape
  if (shape.length !== 2 || stored === numVirtualTokens) return floatTensor([...shape], data)
  if (stored !== storedRows(numVirtualTokens, config)) throw peftContradiction('num_virtual_tokens', numVirtualTokens, stored)
  return floatTensor([numVirtualTokens, width], data.slice(0, numVirtualTokens * width))
}

/** Rows as PEFT stores them for this model: for an encoder-decoder, with as many again that nothing reads. */
export function rowsTo(rows: FloatTensor, { encoderDecoder }: ModelSpec): FloatTensor {
  if (!encoderDecoder) return floatTensor([...rows.shape], rows.data)
  const data = new Float32Array(2 * rows.data.length)
  data.set(rows.data)
  return floatTensor([2 * rows.shape[0], ...rows.shape.slice(1)], data)
}

/**
 * Which stored layer of a prefix PEFT gives to a layer of an encoder-decoder's decoder: it cuts the prefix, doubled for self- and
 * cross-attention, into pairs of layers and keeps the first of each pair's halves.
 */
export const readLayer = (layer: number, numLayers: number): number => (2 * layer) % numLayers

/** A stored prefix `[L,2,K,P,D]` with its layers in the order in which they are read. */
export const prefixFrom = ({ shape, data }: FloatTensor): FloatTensor => {
  const [numLayers] = shape
  const size = data.length / numLayers
  const read = new Float32Array(data.length)
  for (let layer = 0; layer < numLayers; layer++) {
    const from = readLayer(layer, numLayers) * size
    read.set(data.subarray(from, from + size), layer * size)
  }
  return floatTensor([...shape], read)
}

/** A prefix such that PEFT reads these layers; what it does not read is 0. Error 422 `peft_not_exportable` where two layers that it takes for one differ. */
export const prefixTo = (prefix: FloatTensor, method: string): FloatTensor => {
  const { shape, data } = prefix
  const [numLayers] = shape
  const size = data.length / numLayers
  const stored = new Float32Array(data.length)
  for (let layer = 0; layer < numLayers; layer++) stored.set(data.subarray(layer * size, (layer + 1) * size), readLayer(layer, numLayers) * size)
  const result = floatTensor([...shape], stored)
  if (!identical(prefixFrom(result), prefix)) {
    throw peftNotExportable(
      method,
      `PEFT gives one prefix to decoder layers i and i + ${numLayers / 2}, and these have two; train it with numTransformerSubmodules 2`,
    )
  }
  return result
}

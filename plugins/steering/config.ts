import { WeftError } from '@weft/adapters'
import * as z from 'zod/mini'

const isOnceEach = (layers: readonly number[]): boolean => new Set(layers).size === layers.length

export const config = z.strictObject({
  /** Behind which layers, counted from 0; all of them when null. */
  layers: z._default(
    z.nullable(z.array(z.int().check(z.gte(0), z.lte(4095))).check(z.minLength(1), z.maxLength(4096), z.refine(isOnceEach, 'each layer is named once'))),
    null,
  ),
  /** Rank of an edit B·A·x beside the vector; 0 for the vector alone. */
  rank: z._default(z.int().check(z.gte(0), z.lte(1024)), 0),
})
export type Config = z.infer<typeof config>

const layerMissing = (layer: number, count: number) =>
  new WeftError('layer_missing', `There is no layer ${layer}: this model's layers are 0 to ${count - 1}. Name layers among them, or leave them out.`, {
    param: 'method.steering.layers',
    details: { layer, layers: count },
  })

/** The layers that are steered, in order. Error 400 `layer_missing`. */
export const layersOf = ({ layers }: Config, count: number): number[] => {
  const missing = layers?.find((layer) => layer >= count)
  if (missing !== undefined) throw layerMissing(missing, count)
  return layers === null ? Array.from({ length: count }, (_, layer) => layer) : [...layers].sort((a, b) => a - b)
}

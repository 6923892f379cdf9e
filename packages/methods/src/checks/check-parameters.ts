import { type ModelSpec, sizeOf } from '@weft/adapters'
import { tooManyParameters } from '../errors.ts'
import type { Param, Plugin } from '../plugin.ts'

/** Parameters that may be trained on any base model; training holds each several times, with its gradient and the optimizer's state. */
const always = 50_000_000

/**
 * That a config asks for no more parameters than its base model has, or than are always possible: each field has a bound, and their
 * product may still be more than any memory. Error 422 `too_many_parameters`.
 */
export function checkParameters(plugin: Pick<Plugin, 'id'>, params: Readonly<Record<string, Param>>, { weights }: Pick<ModelSpec, 'weights'>): void {
  const total = (shapes: readonly (readonly number[])[]): number => shapes.reduce((sum, shape) => sum + sizeOf(shape), 0)
  const asked = total(Object.values(params).map(({ shape }) => shape))
  // Some methods read frozen weights through parameters of their own, besides what they train.
  const most = Math.max(always, 2 * total(Object.values(weights)))
  if (asked > most) throw tooManyParameters(plugin.id, asked, most)
}

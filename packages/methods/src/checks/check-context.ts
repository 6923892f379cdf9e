import { type ModelSpec, placementOfShapes, positionsOf } from '@weft/adapters'
import { stateShapes } from '../encoded-shapes.ts'
import { contextTooShort } from '../errors.ts'
import type { Plugin } from '../plugin.ts'

/** That what a config puts in front of a text leaves the model room for at least a token of it. Error 400 `context_too_short`. */
export function checkContext<C>(plugin: Pick<Plugin, 'id' | 'params' | 'encode'>, config: C, model: ModelSpec): void {
  const virtual = positionsOf(placementOfShapes(stateShapes(plugin, config, model)))
  if (virtual >= model.maxPositions) throw contextTooShort(virtual, model.maxPositions)
}

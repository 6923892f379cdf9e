import type { ModelSpec } from '@weft/adapters'
import { noSuchModules } from '../errors.ts'
import type { NameTest } from './module-patterns.ts'
import { layerReader, type ModuleChoice, type ModulePattern, matcher, moduleSuffixes } from './target-modules.ts'

/**
 * Refuses a choice that names what this model has not, beside what it has: training would leave it out in silence. Files are read without this, for PEFT
 * makes such. Error 422 `target_modules_missing`.
 */
export function refuseIdle({ modules }: Pick<ModelSpec, 'modules'>, choice: { [F in keyof ModuleChoice]?: ModuleChoice[F] | null }): void {
  const { targetModules, excludeModules, layersToTransform, layersPattern } = choice
  const names = Object.keys(modules)
  // Of an expression, `chosenModules` tells.
  if (Array.isArray(targetModules)) refuseIdleEntries(targetModules, 'target_modules', names)
  refuseIdleEntries(excludeModules, 'exclude_modules', names)
  for (const pattern of [layersPattern ?? []].flat().filter(Boolean))
    if (names.every((name) => layerReader(pattern)(name) === undefined)) throw noSuchModules([pattern], names.slice(0, 1), 'layers_pattern')
  const there = new Set(names.map(layerReader(layersPattern)).filter((layer) => layer !== undefined))
  const idle = [layersToTransform ?? []].flat().filter((layer) => !there.has(layer))
  if (idle.length) throw noSuchModules(idle.map(String), [...there].map(String), 'layers_to_transform')
}

/** The same for one field. Of an expression there is one entry, itself. */
export function refuseIdleEntries(
  pattern: ModulePattern | null | undefined,
  field: string,
  names: readonly string[],
  testOf: (pattern: ModulePattern, field: string) => NameTest = matcher,
): void {
  const whole = typeof pattern === 'string'
  const idle = [pattern ?? []].flat().filter((entry) => !names.some(testOf(whole ? entry : [entry], field)))
  if (idle.length) throw noSuchModules(whole ? pattern : idle, moduleSuffixes(names), field)
}

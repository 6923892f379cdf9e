import type { ModelSpec } from '@weft/adapters'
import * as z from 'zod/mini'
import { invalidPattern, noModulesLeft, noSuchModules } from './errors.ts'

/** Which modules, by PEFT's rules: names or their ends after a dot, or one regular expression for the whole name. */
export const modulePatternSchema = z.union([z.string().check(z.minLength(1)), z.array(z.string().check(z.minLength(1))).check(z.minLength(1))])
export type ModulePattern = z.infer<typeof modulePatternSchema>

/** The settings with which PEFT's methods choose linear layers. */
export interface ModuleChoice {
  /** Names, a regular expression, or `all-linear`. */
  targetModules: ModulePattern
  excludeModules?: ModulePattern | null
  /** Only these layers, counted from 0; where `targetModules` is a list. */
  layersToTransform?: number | readonly number[] | null
  /** What stands before the layer's number in a module's name (`layers`, `h`); anything when absent. */
  layersPattern?: string | readonly string[] | null
}

/**
 * Names of the linear layers that a choice selects, in the model's order. Error 422 `target_modules_missing` where it selects none;
 * `invalid_pattern` for a broken expression.
 */
export function chosenModules({ modules }: Pick<ModelSpec, 'modules'>, choice: ModuleChoice): string[] {
  const { targetModules, excludeModules } = choice
  const all = Object.keys(modules)
  const wanted = typeof targetModules === 'string' && targetModules.toLowerCase() === 'all-linear' ? () => true : matcher(targetModules)
  const excluded = excludeModules ? matcher(excludeModules) : () => false
  const inLayer = Array.isArray(targetModules) ? layerFilter(choice) : () => true
  const matching = all.filter(wanted)
  if (!matching.length) throw noSuchModules([targetModules].flat(), moduleSuffixes(all))
  const chosen = matching.filter((name) => !excluded(name) && inLayer(name))
  if (!chosen.length) throw noModulesLeft([targetModules].flat(), matching, matching.every(excluded) ? 'exclude_modules' : 'layers_to_transform')
  return chosen
}

/** A predicate over module names. */
export const matcher = (pattern: ModulePattern): ((name: string) => boolean) => {
  if (Array.isArray(pattern)) {
    const targets = new Set(pattern)
    // A name, or what stands after any of its dots.
    return (name) => targets.has(name) || [...name.matchAll(/\./g)].some(({ index }) => targets.has(name.slice(index + 1)))
  }
  const whole = expression(pattern as string, (source) => `^(?:${source})$`)
  return (name) => whole.test(name)
}

/** The value of the first key that matches the end of a module's name as an expression (`rank_pattern`, `alpha_pattern`); undefined for none. */
export function patternValue<T>(patterns: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.entries(patterns).find(([key]) => expression(key, (source) => `^(?:.*\\.)?(?:${source})$`).test(name))?.[1]
}

function layerFilter({ layersToTransform, layersPattern }: ModuleChoice): (name: string) => boolean {
  const layers = [layersToTransform ?? []].flat()
  if (!layers.length) return () => true
  const patterns = [layersPattern ?? []].flat().filter(Boolean)
  const places = patterns.length
    ? patterns.map((pattern) => expression(pattern, (source) => `(?:^|\\.)(?:${source})\\.(\\d+)\\.`))
    : [/\.[^.]*\.(\d+)\./, /^[^.]*\.(\d+)\./]
  return (name) => {
    const found = places.map((place) => place.exec(name)).find(Boolean)
    return found !== undefined && found !== null && layers.includes(Number(found[1]))
  }
}

/** Python writes named groups as `(?P<name>…)`, JavaScript as `(?<name>…)`. Patterns for module names use nothing else that differs. */
const expression = (source: string, around: (source: string) => string): RegExp => {
  try {
    return new RegExp(around(source.replaceAll('(?P<', '(?<')))
  } catch (cause) {
    throw invalidPattern(source, (cause as Error).message)
  }
}

/** The choices to name in an error: the ends of module names after the layer's number, each once. */
export const moduleSuffixes = (names: readonly string[]): string[] => [...new Set(names.map((name) => name.replace(/^.*\.\d+\./, '')))]

import type { ModelSpec } from '@weft/adapters'
import * as z from 'zod/mini'
import { noModulesLeft, noSuchModules } from '../errors.ts'
import { expressionTest, layerNumber, type NameTest, patternProblem } from './module-patterns.ts'

const layerIndex = z.int().check(z.gte(0), z.lte(100_000))

/** A regular expression over module names, as Python spells it. */
const expressionSchema = z.string().check(z.minLength(1), z.maxLength(2048), (payload) => {
  const problem = patternProblem(payload.value)
  if (problem !== undefined) payload.issues.push({ code: 'custom', message: problem, input: payload.value })
})

/** Which layers, as PEFT's `layers_to_transform` and `layers_pattern` have it. */
export const layerChoiceSchemas = {
  layersToTransform: z.nullable(z.union([layerIndex, z.array(layerIndex).check(z.maxLength(10_000))])),
  layersPattern: z.nullable(z.union([z.string().check(z.maxLength(256)), z.array(z.string().check(z.maxLength(256))).check(z.maxLength(64))])),
} as const

/** Which modules, by PEFT's rules: names or their ends after a dot, or one regular expression for the whole name. */
export const modulePatternSchema = z.union([
  expressionSchema,
  z.array(z.string().check(z.minLength(1), z.maxLength(256))).check(z.minLength(1), z.maxLength(4096)),
])
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
  const wanted = typeof targetModules === 'string' && targetModules.toLowerCase() === 'all-linear' ? () => true : matcher(targetModules, 'target_modules')
  const excluded = excludeModules ? matcher(excludeModules, 'exclude_modules') : () => false
  const inLayer = layerFilter(choice)
  const matching = all.filter(wanted)
  if (!matching.length) throw noSuchModules(targetModules, moduleSuffixes(all))
  const chosen = matching.filter((name) => !excluded(name) && inLayer(name))
  if (!chosen.length) throw noModulesLeft([targetModules].flat(), matching, matching.every(excluded) ? 'exclude_modules' : 'layers_to_transform')
  return chosen
}

/** A predicate over module names; `param` is the field that the pattern stands in. */
export const matcher = (pattern: ModulePattern, param: string): NameTest => {
  if (!Array.isArray(pattern)) return expressionTest(pattern as string, 'whole', param)
  const targets = new Set(pattern)
  // A name, or what stands after any of its dots.
  return (name) => targets.has(name) || [...name.matchAll(/\./g)].some(({ index }) => targets.has(name.slice(index + 1)))
}

/** Whether a name is of the layers that are asked for. A module that is named in full is taken whatever its layer, as in PEFT. */
function layerFilter({ targetModules, layersToTransform, layersPattern }: ModuleChoice): NameTest {
  const layers = new Set([layersToTransform ?? []].flat())
  if (!layers.size || typeof targetModules === 'string') return () => true
  const layerOf = layerReader(layersPattern)
  return (name) => {
    if (targetModules.includes(name)) return true
    const layer = layerOf(name)
    return layer !== undefined && layers.has(layer)
  }
}

/** The layer of a module by its name, counted from 0. */
export const layerReader = (layersPattern: ModuleChoice['layersPattern']): ((name: string) => number | undefined) => {
  const patterns = [layersPattern ?? []].flat().filter(Boolean)
  const numbers = patterns.length ? patterns.map(layerNumber) : [firstNumber]
  return (name) => numbers.map((number) => number(name)).find((number) => number !== undefined)
}

/** The first number that stands between dots after another part: `model.layers.3.mlp` is of layer 3. */
const firstNumber = (name: string): number | undefined => {
  const number = name.split('.').find((part, at, parts) => at > 0 && at < parts.length - 1 && /^\d+$/.test(part))
  return number === undefined ? undefined : Number(number)
}

/** The choices to name in an error: the ends of module names after the layer's number, each once. */
export const moduleSuffixes = (names: readonly string[]): string[] => [...new Set(names.map((name) => name.replace(/^.*\.\d+\./, '')))]

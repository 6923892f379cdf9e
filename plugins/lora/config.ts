import type { ModelSpec } from '@weft/adapters'
import { chosenModules, layerChoiceSchemas, modulePatternSchema, moduleSuffixes, patternMapOf, patternValues } from '@weft/methods'
import { biasWithoutModule, noDefaultModules, noSuchModules } from '@weft/methods/errors'
import * as z from 'zod/mini'

const rank = z.int().check(z.gte(1), z.lte(4096))
const alpha = z.number().check(z.gt(0), z.lte(1e6))

const token = z.int().check(z.gte(0), z.lt(0xffffffff))
/** Of an invocation: a marker, or a line that begins a turn. */
const MOST_TOKENS = 256

const fields = z.strictObject({
  /** R */
  r: z._default(rank, 8),
  /** What is added counts α/R. */
  loraAlpha: z._default(alpha, 8),
  /** Names of linear layers (or their ends), one regular expression, or `all-linear`; the architecture's own choice when null. */
  targetModules: z._default(z.nullable(modulePatternSchema), null),
  excludeModules: z._default(z.nullable(modulePatternSchema), null),
  /** α/√R instead of α/R (Kalajdzievski 2023). */
  useRslora: z._default(z.boolean(), false),
  /** Ranks and alphas of some modules, by the end of their names as an expression; the first that matches counts. */
  rankPattern: z._default(patternMapOf(rank), {}),
  alphaPattern: z._default(patternMapOf(alpha), {}),
  /** Biases that are trained too: those of the adapted layers, or all of the model's. */
  bias: z._default(z.enum(['none', 'lora_only', 'all']), 'none'),
  /** A weight's direction and its length apart (Liu et al. 2024, DoRA). */
  useDora: z._default(z.boolean(), false),
  /** `true`: A uniform, B zero; `gaussian`: A normal, B zero; `false`: both uniform, so that a fresh adapter is not the identity. */
  initLoraWeights: z._default(z.union([z.boolean(), z.literal('gaussian')]), true),
  /** Only these layers, counted from 0. */
  layersToTransform: z._default(layerChoiceSchemas.layersToTransform, null),
  /** What stands before a layer's number in names: `layers`, `h`. */
  layersPattern: z._default(layerChoiceSchemas.layersPattern, null),
  /** Tokens at whose last occurrence in a text the adapter begins to act, itself included (Greenewald et al. 2025, aLoRA); from the first token on when null. */
  aloraInvocationTokens: z._default(z.nullable(z.array(token).check(z.minLength(1), z.maxLength(MOST_TOKENS))), null),
  /** The same as a text, which training writes in the model's tokens. */
  aloraInvocation: z._default(z.nullable(z.string().check(z.minLength(1), z.maxLength(4096))), null),
  /** There is no dropout here. */
  loraDropout: z._default(z.literal(0, 'loraDropout must be 0: training has no dropout'), 0),
  /** How a checkpoint stores its layers is known without it; accepted for PEFT's sake. */
  fanInFanOut: z._default(z.boolean(), false),
})

/** Whether the adapter waits for an invocation. */
export const waits = ({ aloraInvocationTokens, aloraInvocation }: Pick<z.infer<typeof fields>, 'aloraInvocationTokens' | 'aloraInvocation'>): boolean =>
  aloraInvocationTokens !== null || aloraInvocation !== null

const byExpression = ({ targetModules }: z.infer<typeof fields>): boolean => typeof targetModules === 'string'

// What PEFT refuses: an expression, or "all-linear", names modules with their layers already.
export const config = fields.check(
  z.refine((c) => !(byExpression(c) && c.layersToTransform !== null), {
    path: ['layersToTransform'],
    error:
      'layersToTransform cannot be used where targetModules is one expression or "all-linear"; name the modules in a list, or the layers in the expression',
  }),
  z.refine((c) => !(byExpression(c) && c.layersPattern !== null), {
    path: ['layersPattern'],
    error: 'layersPattern cannot be used where targetModules is one expression or "all-linear"; name the modules in a list',
  }),
  z.refine((c) => c.layersToTransform !== null || !c.layersPattern?.length, {
    path: ['layersPattern'],
    error: 'layersPattern says where the number of a layer stands, and needs layersToTransform',
  }),
  z.refine((c) => !(c.useDora && waits(c)), {
    path: ['useDora'],
    error: 'useDora makes every token of a layer another length, and an adapter with an invocation leaves those before it as they are; leave one of them out',
  }),
)

export type LoraConfig = z.infer<typeof config>

/** One adapted layer. */
export interface LoraLayer {
  module: string
  out: number
  in: number
  /** R */
  rank: number
  /** s: `y += s·B·A·x` */
  scaling: number
}

/** What is adapted when nobody names anything, as PEFT has it: queries and values, or the one layer that gives both. */
export const defaultTargets = ({ roles }: ModelSpec): string[] | undefined => {
  if (!roles) return undefined
  const { query, value, queryKeyValue } = roles.attention
  return [query, value, queryKeyValue].filter((end) => end !== undefined)
}

/** The adapted layers, in the model's order. */
export function layersOf(config: LoraConfig, model: ModelSpec): LoraLayer[] {
  const targetModules = config.targetModules ?? defaultTargets(model)
  if (!targetModules) throw noDefaultModules('lora', model.architecture, moduleSuffixes(Object.keys(model.modules)))
  const rankOf = patternValues(config.rankPattern, 'rank_pattern')
  const alphaOf = patternValues(config.alphaPattern, 'alpha_pattern')
  return chosenModules(model, { ...config, targetModules }).map((module) => {
    const [out, input] = model.modules[module]
    const rank = rankOf(module) ?? config.r
    const alpha = alphaOf(module) ?? config.loraAlpha
    return { module, out, in: input, rank, scaling: alpha / (config.useRslora ? Math.sqrt(rank) : rank) }
  })
}

/** Refuses a rank or an alpha for modules that are none of those adapted: a training would leave it out in silence. Error 422 `target_modules_missing`. */
export function refuseIdlePatterns(config: LoraConfig, model: ModelSpec): void {
  const names = layersOf(config, model).map(({ module }) => module)
  for (const [field, patterns] of [
    ['rank_pattern', config.rankPattern],
    ['alpha_pattern', config.alphaPattern],
  ] as const)
    for (const [key, value] of Object.entries(patterns))
      if (!names.some((name) => patternValues({ [key]: value }, field)(name) !== undefined)) throw noSuchModules([key], moduleSuffixes(names), field)
}

/** Modules whose bias is trained, adapted ones or not. */
export function biasedModules({ bias }: LoraConfig, layers: readonly LoraLayer[], model: ModelSpec): string[] {
  const biased = (module: string): boolean => model.weights[`${module}.bias`] !== undefined
  if (bias === 'none') return []
  if (bias === 'lora_only') return layers.map(({ module }) => module).filter(biased)
  const without = Object.keys(model.weights).filter((name) => name.endsWith('.bias') && !model.modules[name.slice(0, -'.bias'.length)])
  if (without.length) throw biasWithoutModule('lora', without)
  return Object.keys(model.modules).filter(biased)
}

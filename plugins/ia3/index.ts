import type { ModelSpec } from '@weft/adapters'
import {
  chosenModules,
  definePlugin,
  matcher,
  modulePatternSchema,
  moduleSuffixes,
  normal,
  ones,
  type Param,
  param,
  peftTensor,
  refuseIdle,
  refuseIdleEntries,
} from '@weft/methods'
import { noDefaultModules } from '@weft/methods/errors'
import * as z from 'zod/mini'

const fields = z.strictObject({
  /** Names of linear layers (or their ends), one regular expression, or `all-linear`; the architecture's own choice when null. */
  targetModules: z._default(z.nullable(modulePatternSchema), null),
  /** Those among them whose input is scaled; the output of the others is. */
  feedforwardModules: z._default(z.nullable(z.union([modulePatternSchema, z.literal(''), z.tuple([])])), null),
  excludeModules: z._default(z.nullable(modulePatternSchema), null),
  /** `false` starts from noise, so that a fresh adapter is not the identity. */
  initIa3Weights: z._default(z.boolean(), true),
  /** How a checkpoint stores its layers is known without it; accepted for PEFT's sake. */
  fanInFanOut: z._default(z.boolean(), false),
})

const config = fields.check(
  z.refine(
    ({ targetModules, feedforwardModules }) =>
      !Array.isArray(targetModules) || !Array.isArray(feedforwardModules) || feedforwardModules.every((name) => targetModules.includes(name)),
    { path: ['feedforwardModules'], error: 'feedforwardModules must be among targetModules: only a layer that is adapted has an input to scale' },
  ),
)

type Config = z.infer<typeof config>

/** Every linear layer of attention, whatever an architecture calls it. */
const attention = '.*(attn|[aA]ttention|EncDec).*'

/** Families whose queries PEFT's table scales in place of keys. */
const scalesQueries = ['gemma', 'gemma2', 'gemma3_text', 'llama4', 'phi', 'qwen2', 'qwen3']

/** Families where PEFT's table scales what the feed-forward's ungated inner layer gives, in place of what its last one gets. */
const scalesInner = ['mt5']

/** What is scaled when nobody names anything, as PEFT has it: keys and values at their output, the feed-forward's last layer at its input. */
function defaultTargets({ architecture, roles }: ModelSpec): { targetModules?: string[]; feedforwardModules: string[] } {
  if (!roles) return { feedforwardModules: [] }
  const { query, key, value, queryKeyValue } = roles.attention
  if (scalesInner.includes(architecture)) {
    const { gate, up } = roles.feedForward
    return { targetModules: [key, value, gate && up].filter((end) => end !== undefined), feedforwardModules: [] }
  }
  const all = [scalesQueries.includes(architecture) ? query : key, value, queryKeyValue, roles.feedForward.down]
  return { targetModules: all.filter((end) => end !== undefined), feedforwardModules: [roles.feedForward.down].filter((end) => end !== undefined) }
}

/** The scaled layers, in the model's order, and which of their ends is. */
function layersOf(config: Config, model: ModelSpec): { module: string; end: 'in' | 'out'; size: number; param: string }[] {
  const standard = defaultTargets(model)
  const targetModules = config.targetModules ?? standard.targetModules
  if (!targetModules) throw noDefaultModules('ia3', model.architecture, moduleSuffixes(Object.keys(model.modules)))
  const feedforward = feedforwardMatcher(config.feedforwardModules ?? (config.targetModules ? [] : standard.feedforwardModules))
  return chosenModules(model, { targetModules, excludeModules: config.excludeModules }).map((module) => {
    const [out, input] = model.modules[module]
    return { module, param: `${module}.ia3_l`, ...(feedforward(module) ? { end: 'in', size: input } : { end: 'out', size: out }) }
  })
}

/** PEFT compares the end of a name here, and does not ask for a dot before it. */
const feedforwardMatcher = (pattern: string | readonly string[]): ((name: string) => boolean) =>
  typeof pattern === 'string' ? (pattern ? matcher(pattern, 'feedforward_modules') : () => false) : (name) => pattern.some((target) => name.endsWith(target))

const nameInModel = (param: string): string => `base_model.model.${param}.default`
const nameInFile = (param: string): string => `base_model.model.${param}`

/** IA³ (Liu et al. 2022): factors on what linear layers give, or on what feed-forward layers get. */
export const ia3 = definePlugin({
  id: 'ia3',
  description: 'Factors on keys, values and feed-forward inputs; a few numbers per layer.',
  paper: 'https://arxiv.org/abs/2205.05638',
  sites: ['scale'],
  hyperparameters: { learningRate: 3e-2 },
  searchSpace: { learningRate: [1e-2, 3e-2, 1e-1], setting: { name: 'targetModules', values: [null, 'all-linear', attention] } },
  config,
  params: (config, model): Record<string, Param> =>
    Object.fromEntries(
      layersOf(config, model).map(({ end, size, param: name }) => [
        name,
        param(end === 'in' ? [1, size] : [size, 1], config.initIa3Weights ? ones : normal(1)),
      ]),
    ),
  asked: (config, model) => {
    refuseIdle(model, config)
    const scaled = layersOf(config, model).map(({ module }) => module)
    refuseIdleEntries(config.feedforwardModules || null, 'feedforward_modules', scaled, feedforwardMatcher)
  },
  encode: (g, params, config, model) => ({
    scale: Object.fromEntries(layersOf(config, model).map(({ module, end, size, param: name }) => [`${module}.${end}`, g.reshape(params[name], [size])])),
  }),
  decode: ({ scale }, config, model) =>
    Object.fromEntries(
      layersOf(config, model).map(({ module, end, size, param: name }) => [
        name,
        { shape: end === 'in' ? [1, size] : [size, 1], data: scale[`${module}.${end}`].data as Float32Array },
      ]),
    ),
  peft: {
    peftType: 'IA3',
    modulePrefix: 'base_model.model',
    params: nameInModel,
    configFrom: (peft) => ({
      targetModules: peft.target_modules ?? null,
      feedforwardModules: peft.feedforward_modules ?? null,
      excludeModules: emptyAsNull(peft.exclude_modules),
      initIa3Weights: peft.init_ia3_weights ?? true,
      fanInFanOut: peft.fan_in_fan_out ?? false,
    }),
    configTo: (config, model) => ({
      target_modules: layersOf(config, model).map(({ module }) => module),
      feedforward_modules: layersOf(config, model)
        .filter(({ end }) => end === 'in')
        .map(({ module }) => module),
      exclude_modules: null,
      init_ia3_weights: config.initIa3Weights,
      fan_in_fan_out: config.fanInFanOut,
    }),
    paramsFrom: (tensors, config, model) => Object.fromEntries(layersOf(config, model).map(({ param: name }) => [name, peftTensor(tensors, nameInFile(name))])),
    stateTo: (_, __, ___, params) => Object.fromEntries(Object.entries(params).map(([param, tensor]) => [nameInFile(param), tensor])),
  },
})

/** PEFT excludes nothing by any of them. */
const emptyAsNull = (value: unknown): unknown => (value === undefined || value === '' || (Array.isArray(value) && !value.length) ? null : value)

export default ia3

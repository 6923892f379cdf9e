import { type AdapterState, invocationsTensor, type ModelSpec, type SiteValues } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import { definePlugin, refuseIdle } from '@weft/methods'
import { config, layersOf, refuseIdlePatterns, waits } from './config.ts'
import { adaptedNorm, ofTransposed } from './dora.ts'
import { checkInvocation, withTokens } from './invocation.ts'
import { names } from './names.ts'
import { params } from './params.ts'
import { peft } from './peft.ts'
import { learningRate } from './rate.ts'

/**
 * Low-rank adaptation (Hu et al. 2022), with rsLoRA's scaling, ranks and alphas per module, trained biases, DoRA, and aLoRA: additions that act from
 * an invocation on.
 */
export const lora = definePlugin({
  id: 'lora',
  description: 'Low-rank additions to linear layers; they add exactly to any other.',
  paper: 'https://arxiv.org/abs/2106.09685',
  sites: ['linear', 'activatedLinear', 'scale'],
  tasksOf: (config) => (waits(config) ? ['CAUSAL_LM'] : undefined),
  hyperparameters: { learningRate },
  searchSpace: { learningRate: [3e-3, 1e-2, 3e-2], setting: { name: 'r', values: [4, 8, 16] } },
  config,
  params: (config, model) => {
    checkInvocation(config, model)
    return params(config, model)
  },
  tokenized: withTokens,
  awaits: ({ aloraInvocation: text }) => (text === null ? [] : [text]),
  asked: (config, model) => {
    refuseIdle(model, config)
    refuseIdlePatterns(config, model)
  },
  constants: ({ aloraInvocationTokens: tokens }): AdapterState => (tokens ? { activatedLinear: { invocations: invocationsTensor([tokens]) } } : {}),
  encode: (g, params, config, model): SiteValues => {
    const linear: Record<string, Value> = {}
    const activated: Record<string, Value> = {}
    const low = waits(config) ? activated : linear
    const scale: Record<string, Value> = {}
    for (const { module, scaling, rank } of layersOf(config, model)) {
      const name = names(module)
      const b = scaling === 1 ? params[name.b] : g.mul(params[name.b], scaling) // [out,R]
      const factor = config.useDora ? magnitudes(g, params, b, module, model) : undefined // [out]
      low[`${module}.a`] = params[name.a]
      if (waits(config)) activated[`${module}.of`] = g.constant(new Float32Array(rank).fill(1), [1, rank])
      low[`${module}.b`] = factor ? g.mul(b, g.reshape(factor, [model.modules[module][0], 1])) : b
      if (factor) scale[`${module}.out`] = factor
      // A site acts on the frozen layer, its bias included: what is added is the difference to what the bias should be.
      const base = params[name.baseBias]
      if (base) linear[`${module}.bias`] = g.sub(params[name.bias] ?? base, factor ? g.mul(base, factor) : base)
    }
    for (const [param, value] of Object.entries(params)) {
      const module = names.ofLone(param)
      if (module) linear[`${module}.bias`] = g.sub(value, params[names(module).baseBias])
    }
    if (config.useDora) return { linear, scale }
    if (!waits(config)) return { linear }
    // A trained bias acts at every token, as PEFT has it.
    return Object.keys(linear).length > 0 ? { linear, activatedLinear: activated } : { activatedLinear: activated }
  },
  // B is found again where dividing undoes the scaling bit for bit; elsewhere the host keeps it beside the state.
  decode: ({ linear, activatedLinear }, config, model) =>
    config.useDora
      ? undefined
      : Object.fromEntries(
          layersOf(config, model).map(({ module, scaling }) => {
            const { shape, data } = (waits(config) ? activatedLinear : linear)[`${module}.b`]
            return [names(module).b, { shape, data: (data as Float32Array).map((value) => value / scaling) }]
          }),
        ),
  peft,
})

/** m / ‖W + s·B·A‖ of each row: `[out]`. The norm counts as a constant in gradients (Liu et al. 2024, §4.3). */
function magnitudes(g: GraphBuilder, params: Record<string, Value>, b: Value, module: string, model: ModelSpec): Value {
  const name = names(module)
  const norm = adaptedNorm(g, params[name.baseWeight], params[name.a], b, ofTransposed(model))
  return g.div(params[name.magnitude], g.stopGradient(norm))
}

export default lora

import type { ModelSpec } from '@weft/adapters'
import type { GraphBuilder, Value } from '@weft/graph'
import { baseWeight, definePlugin, normal, type Param, param, peftTensor, zeros } from '@weft/methods'
import { invalidConfig, peftNotExportable, peftUnsupported } from '@weft/methods/errors'
import * as z from 'zod/mini'
import { gateName, type KeyValueLayer, promptName, topLayers } from './layers.ts'

const config = z.strictObject({
  /** P, the prompt's length in every adapted layer. */
  adapterLen: z._default(z.int().check(z.gte(1), z.lte(4096)), 10),
  /** How many of the topmost layers are adapted; all when absent. */
  adapterLayers: z.optional(z.int().check(z.gte(1), z.lte(10_000))),
})

type Config = z.infer<typeof config>

/** The frozen projections are inputs of `encode`: the prompt is met as keys and values made by the layer's own weights. */
const frozen = (name: string, shape: number[]): Param => param(shape, baseWeight(name), { trainable: false })

const layersOf = ({ adapterLayers }: Config, model: ModelSpec): KeyValueLayer[] => {
  const all = topLayers(model)
  const wanted = adapterLayers ?? model.numLayers
  if (all.length < model.numLayers) {
    throw invalidConfig('adaption-prompt', [
      { param: 'method.adaption-prompt', message: `"${model.architecture}" has no separate key and value projections; decoders with k_proj and v_proj do` },
    ])
  }
  if (wanted > model.numLayers) {
    throw invalidConfig('adaption-prompt', [
      { param: 'method.adaption-prompt.adapter_layers', message: `${wanted} layers are asked for, the model has ${model.numLayers}` },
    ])
  }
  return all.slice(model.numLayers - wanted)
}

/** LLaMA-Adapter's zero-init attention (Zhang et al. 2023), as PEFT computes it: one gate per layer, no tanh, keys not rotated. */
export const adaptionPrompt = definePlugin({
  id: 'adaption-prompt',
  description: 'A prompt in the topmost layers, attended to with a softmax and a gate of its own; starts as the bare model.',
  paper: 'https://arxiv.org/abs/2303.16199',
  sites: ['gatedKeyValue'],
  tasks: ['CAUSAL_LM'],
  config,
  params: (config, model): Record<string, Param> =>
    Object.fromEntries(
      layersOf(config, model).flatMap((layer): [string, Param][] => [
        [promptName(layer), param([1, config.adapterLen, model.hiddenSize], normal(1))],
        [gateName(layer), param([1], zeros)],
        ...[layer.key, layer.value].flatMap((module): [string, Param][] => [
          [`${module}.weight`, frozen(`${module}.weight`, [...model.modules[module]])],
          ...(model.weights[`${module}.bias`] ? [[`${module}.bias`, frozen(`${module}.bias`, [model.modules[module][0]])] as [string, Param]] : []),
        ]),
      ]),
    ),
  encode: (g, params, config, model) => {
    const { numLayers: L, numHeads: N } = model
    const P = config.adapterLen
    const layers = layersOf(config, model)
    const adapted = layers.map((layer) => g.concat([projected(g, params, layer, 'key', P, model), projected(g, params, layer, 'value', P, model)], 1)) // [1,2,K,P,D]
    const gates = layers.map((layer) => g.expand(g.reshape(params[gateName(layer)], [1, 1, 1]), [1, N, 1]))
    const below = L - layers.length
    const zeros = below
      ? [g.constant(new Float32Array(below * 2 * model.numKeyValueHeads * P * model.headDim), [below, 2, model.numKeyValueHeads, P, model.headDim])]
      : []
    const shut = below ? [g.constant(new Float32Array(below * N), [below, N, 1])] : []
    return {
      gatedKeyValue: {
        prefix: g.concat([...zeros, ...adapted], 0), // [L,2,K,P,D]
        gate: g.concat([...shut, ...gates], 0), // [L,N,1]
        lengths: g.constant(Float32Array.of(P), [1]),
      },
    }
  },
  peft: {
    peftType: 'ADAPTION_PROMPT',
    modulePrefix: 'base_model.model',
    // The attention that is wrapped, which the names of the tensors say too.
    trainingOnly: ['target_modules'],
    // Theirs: base_model.model.model.layers.<i>.self_attn.adaption_prompt
    params: (name) => (/\.adaption_(prompt|gate)$/.test(name) ? `base_model.model.${name}` : undefined),
    configFrom: (peft) => ({ adapterLen: peft.adapter_len, ...(typeof peft.adapter_layers === 'number' ? { adapterLayers: peft.adapter_layers } : {}) }),
    configTo: ({ adapterLen, adapterLayers }, model) => ({
      adapter_len: adapterLen,
      adapter_layers: adapterLayers ?? model.numLayers,
      target_modules: 'self_attn',
    }),
    paramsFrom: (tensors, config, model) => {
      const other = otherInPeft(config, model)
      if (other) throw peftUnsupported(other)
      return Object.fromEntries(
        layersOf(config, model).flatMap((layer) => [promptName(layer), gateName(layer)].map((name) => [name, peftTensor(tensors, `base_model.model.${name}`)])),
      )
    },
    stateTo: (_, config, model, params) => {
      const other = otherInPeft(config, model)
      if (other) throw peftNotExportable('adaption-prompt', other)
      return Object.fromEntries(Object.entries(params).map(([name, tensor]) => [`base_model.model.${name}`, tensor]))
    },
  },
})

/** Why PEFT's adapter is another function on this model: it puts the prompt's part through the output projection by itself, and adds the result ungated. */
const otherInPeft = (config: Config, model: ModelSpec): string | undefined => {
  const bias = layersOf(config, model)
    .map(({ attention }) => `${attention}.o_proj.bias`)
    .find((name) => model.weights[name])
  return bias && `PEFT adds "${bias}" a second time in each adapted layer, whatever the gate, and here it acts once`
}

/** The prompt as one layer's keys or values, `[1,1,K,P,D]`. */
function projected(g: GraphBuilder, params: Record<string, Value>, layer: KeyValueLayer, half: 'key' | 'value', P: number, model: ModelSpec): Value {
  const { numKeyValueHeads: K, headDim: D } = model
  const rows = g.reshape(params[promptName(layer)], [P, model.hiddenSize])
  const bias = params[`${layer[half]}.bias`]
  const made = g.gemm(rows, params[`${layer[half]}.weight`], { transB: true, ...(bias && { c: bias }) }) // [P,K*D]
  return g.reshape(g.transpose(g.reshape(made, [P, K, D]), [1, 0, 2]), [1, 1, K, P, D])
}

export default adaptionPrompt

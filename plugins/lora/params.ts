import type { ModelSpec } from '@weft/adapters'
import { baseWeight, kaimingUniform, normal, type Param, param, zeros } from '@weft/methods'
import { biasedModules, type LoraConfig, type LoraLayer, layersOf } from './config.ts'
import { magnitudeInitializer } from './dora.ts'
import { names } from './names.ts'

type Named = [name: string, param: Param]

/** What is trained, and the frozen weights that the state is made of besides. */
export function params(config: LoraConfig, model: ModelSpec): Record<string, Param> {
  const layers = layersOf(config, model)
  const biased = new Set(biasedModules(config, layers, model))
  const adapted = new Set(layers.map(({ module }) => module))
  const alone = [...biased].filter((module) => !adapted.has(module))
  return Object.fromEntries([
    ...layers.flatMap((layer) => ofLayer(config, layer, model, biased.has(layer.module))),
    ...alone.flatMap((module) => trainedBias(names(module).lone, module, model)),
  ])
}

function ofLayer(config: LoraConfig, layer: LoraLayer, model: ModelSpec, trainsBias: boolean): Named[] {
  const { module, out, in: input, rank } = layer
  const name = names(module)
  const pair: Named[] = [
    [name.a, param([rank, input], config.initLoraWeights === 'gaussian' ? normal(1 / rank) : kaimingUniform())],
    [name.b, param([out, rank], config.initLoraWeights === false ? kaimingUniform() : zeros)],
  ]
  const direction: Named[] = config.useDora ? [[name.magnitude, param([out], magnitudeInitializer(module, model))], frozen(name.baseWeight, model)] : []
  if (trainsBias) return [...pair, ...direction, ...trainedBias(name.bias, module, model)]
  return [...pair, ...direction, ...(config.useDora && model.weights[name.baseBias] ? [frozen(name.baseBias, model)] : [])]
}

/** A bias that starts as the frozen one, and the frozen one: the state is their difference. */
const trainedBias = (name: string, module: string, model: ModelSpec): Named[] => {
  const { baseBias } = names(module)
  return [[name, param([...model.weights[baseBias]], baseWeight(baseBias))], frozen(baseBias, model)]
}

const frozen = (name: string, model: ModelSpec): Named => [name, param([...model.weights[name]], baseWeight(name), { trainable: false })]

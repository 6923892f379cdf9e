import { type AdapterState, type FloatTensor, floatTensor, invocationsTensor, type ModelSpec, type SiteState } from '@weft/adapters'
import { randomTensor } from '../../models/tiny-llama.ts'

/** A LoRA of one rank on every module that ends in one of `targets`. */
export const lowRank = (spec: ModelSpec, targets: readonly string[], rank: number, seed: string, { bias = false } = {}): AdapterState => ({
  linear: Object.fromEntries(
    modulesOf(spec, targets).flatMap(([module, [out, input]]): [string, FloatTensor][] => [
      [`${module}.a`, randomTensor([rank, input], `${seed} a ${module}`, 0.3)],
      [`${module}.b`, randomTensor([out, rank], `${seed} b ${module}`, 0.3)],
      ...(bias ? [[`${module}.bias`, randomTensor([out], `${seed} bias ${module}`, 0.3)] as [string, FloatTensor]] : []),
    ]),
  ),
})

/** The same, acting from these tokens on. */
export const waiting = (spec: ModelSpec, targets: readonly string[], rank: number, seed: string, invocation: readonly number[]): AdapterState => {
  const { linear } = lowRank(spec, targets, rank, seed)
  const of = modulesOf(spec, targets).map(([module]): [string, FloatTensor] => [`${module}.of`, floatTensor([1, rank], new Float32Array(rank).fill(1))])
  return { activatedLinear: { invocations: invocationsTensor([invocation]), ...linear, ...Object.fromEntries(of) } }
}

/** Factors on outputs of some modules and on inputs of others. */
export const factors = (spec: ModelSpec, outputs: readonly string[], inputs: readonly string[], seed: string): AdapterState => ({
  scale: Object.fromEntries([
    ...modulesOf(spec, outputs).map(([module, [out]]) => [`${module}.out`, randomTensor([out], `${seed} out ${module}`, 0.4, 1)]),
    ...modulesOf(spec, inputs).map(([module, [, input]]) => [`${module}.in`, randomTensor([input], `${seed} in ${module}`, 0.4, 1)]),
  ]),
})

/** One gated branch of P columns; gates of the layers in `closed` are 0. */
export const branch = (
  { numLayers, numKeyValueHeads, headDim, numHeads }: ModelSpec,
  P: number,
  seed: string,
  closed: readonly number[] = [],
): AdapterState => {
  const gate = randomTensor([numLayers, numHeads, 1], `${seed} gate`, 0.7)
  for (const layer of closed) gate.data.fill(0, layer * numHeads, (layer + 1) * numHeads)
  return {
    gatedKeyValue: {
      prefix: randomTensor([numLayers, 2, numKeyValueHeads, P, headDim], `${seed} prefix`, 0.8),
      gate,
      lengths: { shape: [1], data: Float32Array.of(P) },
    },
  }
}

const modulesOf = (spec: ModelSpec, targets: readonly string[]) =>
  Object.entries(spec.modules).filter(([module]) => targets.some((target) => module.endsWith(target)))

/** The adapter at a strength, by what a strength means at each of its sites. */
export function strong(weight: number, state: AdapterState): AdapterState {
  const mapped = (site: SiteState | undefined, change: (name: string, value: number) => number): SiteState | undefined =>
    site &&
    Object.fromEntries(Object.entries(site).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data, (value) => change(name, value)) }]))
  const sites = {
    linear: mapped(state.linear, (name, value) => (name.endsWith('.a') ? value : weight * value)),
    scale: mapped(state.scale, (_, value) => 1 + weight * (value - 1)),
    gatedKeyValue: mapped(state.gatedKeyValue, (name, value) => (name === 'gate' ? weight * value : value)),
  }
  return Object.fromEntries(Object.entries(sites).filter((entry): entry is [string, SiteState] => entry[1] !== undefined))
}

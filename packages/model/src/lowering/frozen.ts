import type { AdapterHooks } from '@weft/adapters/hooks'
import type { GraphBuilder, Value } from '@weft/graph'
import type { LinearLayer, ModelShape } from '../architectures/architecture.ts'
import { noOutputProjection } from '../errors.ts'
import { frozenWeight, joinedWeights, storageOf } from '../precision/storage-of.ts'

/** The frozen weights of a model in a graph, however each is held; what an adapter puts in a weight's place stands there instead. */
export interface Frozen {
  /** A weight as numbers. */
  weight(name: string): Value
  /** `x [M, in]` times a weight, `[M, out]`: every frozen product of an architecture is this. */
  product(x: Value, name: string, bias?: Value): Value
  /** A linear layer by its module's name. */
  linear(x: Value, module: string, layer: LinearLayer): Value
  /** Linear layers that read the same rows: one product where their weights lie together. */
  linears(x: Value, layers: readonly { module: string; layer: LinearLayer }[]): Value[]
  /** Rows of a weight: `ids […]` → `[…, columns]`. */
  rows(name: string, ids: Value): Value
  /** The name of the output projection. Throws `no_output_projection`. */
  outputProjection(): string
  /** Rows `[M, H]` and the output projection `[V, H]`, whose products are logits: hidden states times the architecture's factor. Throws `no_output_projection`. */
  overVocabulary(rows: Value): OverVocabulary
  /** Logits of rows `[M, H]`: `[M, V]`. Throws `no_output_projection`. */
  logits(rows: Value): Value
}

/** Logits are `rows·weightᵀ`. */
export interface OverVocabulary {
  /** `[M, H]` */
  rows: Value
  /** `[V, H]` */
  weight: Value
}

export function frozen(g: GraphBuilder, model: ModelShape, { replacement }: Pick<AdapterHooks, 'replacement'> = { replacement: () => undefined }): Frozen {
  const { architecture, config, spec } = model
  const scale = architecture.logitScale?.(config) ?? 1
  const scaled = (rows: Value): Value => (scale === 1 ? rows : g.mul(rows, scale))
  const joinedByName = new Map(joinedWeights(model).map((joined) => [joined.name, joined]))
  const own: Frozen = {
    weight: (name) => replacement(name) ?? storageOf(model, name).value(g, frozenWeight(model, name)),
    product(x, name, bias) {
      const weight = frozenWeight(model, name)
      const replaced = replacement(name)
      if (!replaced) return storageOf(model, name).product(g, weight, x, bias)
      return g.gemm(x, replaced, { transB: !weight.transposed, ...(bias && { c: bias }) })
    },
    linear: (x, module, { bias }) => g.scope(module, () => own.product(x, `${module}.weight`, bias ? own.weight(`${module}.bias`) : undefined)),
    linears(x, layers) {
      const names = layers.map(({ module }) => `${module}.weight`)
      const joined = joinedByName.get(names.join('+'))
      if (!joined || names.some(replacement)) return layers.map(({ module, layer }) => own.linear(x, module, layer))
      const biases = layers.map(({ module, layer }) => (layer.bias ? own.weight(`${module}.bias`) : undefined))
      const bias = biases.every((each) => each !== undefined) ? g.concat(biases, 0) : undefined
      const product = storageOf(model, names[0]).product(g, joined, x, bias)
      return g
        .split(
          product,
          joined.parts.map(({ shape }) => shape[0]),
          1,
        )
        .map((part, i) => (biases[i] && !bias ? g.add(part, biases[i]) : part))
    },
    rows(name, ids) {
      const replaced = replacement(name)
      return replaced ? g.gather(replaced, ids, 0) : storageOf(model, name).gather(g, frozenWeight(model, name), ids)
    },
    outputProjection() {
      const name = architecture.outputProjection(config)
      if (name === null) throw noOutputProjection(spec.architecture)
      return name
    },
    overVocabulary: (rows) => ({ rows: scaled(rows), weight: own.weight(own.outputProjection()) }),
    logits: (rows) => g.scope('head', () => own.product(scaled(rows), own.outputProjection())),
  }
  return own
}

import {
  type AdapterState,
  type Canonical,
  type Composed,
  canonical,
  checkStrengths,
  compose,
  type Expression,
  identical,
  type LoadedAdapter,
  type ModelSpec,
  parse,
  type Random,
  readAdapter,
  type Tensor,
  writeAdapter,
} from '@weft/adapters'
import { expect } from 'vitest'

const tinyModules: Record<string, [number, number]> = Object.fromEntries(
  [0, 1, 2].flatMap((layer) =>
    (
      [
        ['self_attn.q_proj', [20, 12]],
        ['self_attn.k_proj', [10, 12]],
        ['self_attn.v_proj', [10, 12]],
        ['self_attn.o_proj', [12, 20]],
        ['mlp.gate_proj', [20, 12]],
        ['mlp.up_proj', [20, 12]],
        ['mlp.down_proj', [12, 20]],
      ] as [string, [number, number]][]
    ).map(([name, shape]) => [`model.layers.${layer}.${name}`, shape]),
  ),
)

/** A model of the sizes that states here are made for. All sizes differ, so that a mistaken axis shows. */
export const tinyModel: ModelSpec = {
  architecture: 'llama',
  hiddenSize: 12,
  intermediateSize: 20,
  numLayers: 3,
  numHeads: 4,
  numKeyValueHeads: 2,
  headDim: 5,
  vocabSize: 40,
  maxPositions: 64,
  weights: {
    'model.embed_tokens.weight': [40, 12],
    'model.norm.weight': [12],
    ...Object.fromEntries(Object.entries(tinyModules).map(([module, shape]) => [`${module}.weight`, [...shape]])),
  },
  modules: tinyModules,
  roles: {
    attention: { query: 'q_proj', key: 'k_proj', value: 'v_proj', output: 'o_proj' },
    feedForward: { gate: 'gate_proj', up: 'up_proj', down: 'down_proj' },
  },
  tasks: ['CAUSAL_LM', 'SEQ_CLS'],
  classifier: { module: 'score', bias: false, dense: false },
}

export const tinyBase = { name: 'base', fingerprint: 'sha256:tiny', architecture: 'llama' }

/** A float tensor of normal deviates. */
export function randomTensor(random: Random, ...shape: number[]): Tensor {
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()) }
}

/** An adapter made the way real ones are: written to a file and read back. */
export async function adapterOf(state: AdapterState, { model = tinyModel, ...options }: { labels?: string[]; model?: ModelSpec } = {}): Promise<LoadedAdapter> {
  const base = { ...tinyBase, architecture: model.architecture }
  const file = await writeAdapter({ method: 'test', config: {}, base, task: options.labels ? 'SEQ_CLS' : 'CAUSAL_LM', ...options, lineage: {} }, state)
  return readAdapter(file, { model, base })
}

/** Adapters under names, and what an expression over them comes to. */
export class AdapterRegistry {
  readonly #model: ModelSpec
  readonly #adapters = new Map<string, LoadedAdapter>()
  readonly #loaded = new Map<string, LoadedAdapter>()

  constructor(model = tinyModel) {
    this.#model = model
  }

  add(name: string, adapter: LoadedAdapter): this {
    this.#adapters.set(name, adapter)
    this.#loaded.set(adapter.digest, adapter)
    return this
  }

  canonical(expression: string | Expression): Canonical {
    return canonical(typeof expression === 'string' ? parse(expression) : expression, ({ name }) => {
      const {
        digest,
        manifest: { sites, shared },
      } = this.#adapters.get(name)!
      return { ref: name, digest, sites, ...(shared ? { shared } : {}) }
    })
  }

  compose(expression: string): Composed {
    return compose(this.canonical(expression), this.#loaded, this.#model)
  }

  checkStrengths(expression: string): void {
    checkStrengths(this.canonical(expression), this.compose(expression), this.#loaded, this.#model)
  }
}

export const tensorsOf = (composed: Composed): [string, Tensor][] => [
  ...composed.segments.flatMap((segment, n): [string, Tensor][] =>
    segment.kind === 'rows'
      ? [[`segments.${n}.rows`, segment.rows], ...(segment.bias ? [[`segments.${n}.bias`, segment.bias] as [string, Tensor]] : [])]
      : [[`segments.${n}.text`, { shape: [], data: new TextEncoder().encode(`${segment.bias ?? 0} ${segment.text}`) }]],
  ),
  ...Object.entries(composed.sites).flatMap(([site, state]) => Object.entries(state).map(([name, tensor]): [string, Tensor] => [`${site}.${name}`, tensor])),
]

/** Bit for bit the same composition. */
export function expectSame(got: Composed, expected: Composed): void {
  const [a, b] = [tensorsOf(got), tensorsOf(expected)]
  expect(a.map(([name, { shape }]) => `${name} [${shape}]`).sort()).toEqual(b.map(([name, { shape }]) => `${name} [${shape}]`).sort())
  const others = new Map(b)
  for (const [name, tensor] of a) expect(identical(tensor, others.get(name)!), name).toBe(true)
  expect(got.longestPrefix).toBe(expected.longestPrefix)
  expect(got.labels).toEqual(expected.labels)
}

/** The largest difference between two compositions of one structure. */
export function difference(got: Composed, expected: Composed): number {
  const others = new Map(tensorsOf(expected))
  return Math.max(
    0,
    ...tensorsOf(got).map(([name, tensor]) => {
      const other = others.get(name)
      if (!other || other.data.length !== tensor.data.length) return Infinity
      let most = 0
      for (let i = 0; i < tensor.data.length; i++) most = Math.max(most, Math.abs(tensor.data[i] - other.data[i]))
      return most
    }),
  )
}

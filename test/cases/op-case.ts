import { gradients, rules } from '@weft/autodiff'
import { type Dim, type Graph, GraphBuilder, isFloat, numbers, type TensorData, type Tensors, tensor, type Value } from '@weft/graph'

/** One use of one op, or of a few that belong together. */
export interface OpCase {
  readonly name: string
  readonly inputs: Tensors
  /** Reads sizes off the values' shapes, so that it holds for symbolic ones too. */
  readonly build: (g: GraphBuilder, x: { readonly [input: string]: Value }) => Value | readonly Value[]
  /** What comes out, where it can be said by hand; the first output's elements. */
  readonly expected?: readonly number[]
  /** Inputs to differentiate by; every float one unless said, none where the op has no gradient. */
  readonly wrt?: readonly string[]
  /** Sizes to be made symbolic in the symbolic variant; all above 1 unless said. */
  readonly symbols?: readonly number[]
  /** Largest relative gradient error; 1e-6 unless said. */
  readonly tolerance?: number
  /** Its sums of products of bytes are exact in ONNX Runtime only on a processor that has instructions for them. */
  readonly byteProducts?: true
  /** Largest difference between runtimes; 1e-5 unless said. */
  readonly precision?: number
}

let seed = 1
/** Reproducible numbers in [0, 1). */
function random(): number {
  seed = (seed * 48271) % 2147483647
  return seed / 2147483647
}

const fill = (shape: readonly number[], element: () => number): number[] => Array.from({ length: shape.reduce((a, b) => a * b, 1) }, element)

/** Random floats between two bounds. */
export const floats = (shape: readonly number[], low = -1, high = 1): TensorData =>
  tensor(
    'float32',
    shape,
    fill(shape, () => low + (high - low) * random()),
  )

/** Random floats that keep away from 0 by at least a tenth: for ops with a kink there. */
export const awayFromZero = (shape: readonly number[]): TensorData =>
  tensor(
    'float32',
    shape,
    fill(shape, () => (random() < 0.5 ? -1 : 1) * (0.1 + random())),
  )

export const integers = (shape: readonly number[], below: number, dtype: 'int32' | 'int64' = 'int64'): TensorData =>
  tensor(
    dtype,
    shape,
    fill(shape, () => Math.floor(random() * below)),
  )

export const booleans = (shape: readonly number[]): TensorData =>
  tensor(
    'bool',
    shape,
    fill(shape, () => (random() < 0.5 ? 1 : 0)),
  )

/** Pairs of shapes that broadcast: equal, scalar, missing axes, ones on either side, on both. */
export const broadcastPairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], []],
  [[], [2, 3]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [1, 3],
    [2, 1],
  ],
  [
    [4, 2, 3],
    [2, 1],
  ],
  [
    [4, 1, 3],
    [2, 3],
  ],
]

/** The case as a graph, with sizes as numbers or, where the case allows it, as symbols (`d3` for 3). */
export function caseGraph({ name, inputs, build, symbols }: OpCase, symbolic = false): Graph {
  const g = new GraphBuilder(name)
  const dim = (d: number): Dim => (symbolic && (symbols ? symbols.includes(d) : d > 1) ? `d${d}` : d)
  const values = Object.fromEntries(Object.entries(inputs).map(([input, { dtype, shape }]) => [input, g.input(input, dtype, shape.map(dim))]))
  const outputs = [build(g, values)].flat() as Value[]
  outputs.forEach((y, i) => g.output(`y${i}`, y))
  return g.build()
}

/** True when the case has a symbolic variant. */
export const hasSymbols = ({ inputs, symbols }: OpCase): boolean =>
  symbols?.length !== 0 && Object.values(inputs).some(({ shape }) => shape.some((d) => (symbols ? symbols.includes(d) : d > 1)))

/** Inputs by which a case can be differentiated; none when it has no gradient. */
export function differentiable({ inputs, wrt }: OpCase, graph: Graph): readonly string[] {
  const has = graph.nodes.every(({ op }) => rules[op] !== 'refuse') && graph.outputs.some(({ value }) => isFloat(value.dtype))
  return has ? (wrt ?? Object.keys(inputs).filter((name) => isFloat(inputs[name].dtype))) : []
}

/** Largest difference of two tensors, relative to the larger of 1 and the largest element; NaN and infinity must agree. */
export function difference(a: TensorData, b: TensorData): number {
  const [x, y] = [numbers(a), numbers(b)]
  if (x.length !== y.length) return Infinity
  let scale = 1
  let worst = 0
  for (let i = 0; i < x.length; i++) {
    if (Object.is(x[i], y[i])) continue
    const distance = Math.abs(x[i] - y[i])
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance)
    if (Number.isFinite(y[i])) scale = Math.max(scale, Math.abs(y[i]))
  }
  return worst / scale
}

/** The case's graph with the gradients of Σ y² over its float outputs, by its inputs; undefined when it has none. */
export function gradientGraph(c: OpCase): Graph | undefined {
  const wrt = differentiable(c, caseGraph(c))
  if (wrt.length === 0) return undefined
  const g = new GraphBuilder(c.name)
  const values = Object.fromEntries(Object.entries(c.inputs).map(([name, { dtype, shape }]) => [name, g.input(name, dtype, shape)]))
  const outputs = ([c.build(g, values)].flat() as Value[]).filter((y) => y.dtype === 'float32')
  const loss = outputs.map((y) => g.reduceSum(g.mul(y, y), { keepdims: false })).reduce((a, b) => g.add(a, b))
  g.output('loss', loss)
  gradients(
    g,
    loss,
    wrt.map((name) => values[name]),
  ).forEach((ct, i) => g.output(`d_${wrt[i]}`, ct))
  return g.build()
}

import { type Dim, evaluateDim, formatShape } from './dim.ts'
import { type DType, elementCount, fromNumbers, isFloat, type TensorData } from './dtype.ts'
import { feedMismatch, missingFeed, runMismatch } from './errors.ts'
import { recordOf } from './ops/index.ts'
import type { Graph, Node, Value } from './value.ts'

export type Tensors = { readonly [name: string]: TensorData }

export interface InterpretOptions {
  /** Keep float results in double precision: what finite differences need. */
  double?: boolean
}

/**
 * Runs a graph in plain TypeScript: the oracle of tests, and good enough for small graphs anywhere.
 * Gives every output by name. Throws `missing_feed` and `feed_mismatch` when tensors are absent or of another type.
 */
export function interpret(graph: Graph, feeds: Tensors, weights: Tensors = {}, options: InterpretOptions = {}): { [output: string]: TensorData } {
  const sizes = new Map<string, number>()
  const values = new Map<Value, TensorData>()
  for (const [kind, declared, given] of [
    ['input', graph.inputs, feeds],
    ['weight', graph.weights, weights],
  ] as const) {
    for (const value of declared) values.set(value, checked(kind, value, given, sizes))
  }
  for (const value of [...graph.inputs, ...graph.weights]) checkSizes(value, values.get(value)!, sizes)

  const uses = countUses(graph)
  const read = (value: Value): TensorData => {
    const data = value.constant ?? values.get(value)!
    const left = uses.get(value)! - 1
    uses.set(value, left)
    if (left === 0) values.delete(value)
    return data
  }
  for (const node of graph.nodes) {
    const results = runNode(
      node,
      node.inputs.map((x) => x && read(x)),
      sizes,
      options,
    )
    results.forEach((result, i) => {
      if (uses.has(node.outputs[i])) values.set(node.outputs[i], result)
    })
  }
  return Object.fromEntries(graph.outputs.map(({ name, value }) => [name, values.get(value)!]))
}

function runNode(node: Node, inputs: (TensorData | undefined)[], sizes: ReadonlyMap<string, number>, { double }: InterpretOptions): TensorData[] {
  const outputs = node.outputs.map(({ dtype, shape }) => ({ dtype, shape: shape.map((d) => evaluateDim(d, sizes)) }))
  const round = (dtype: DType, values: Float64Array) => (double && isFloat(dtype) ? values : fromNumbers(dtype, values))
  const results = recordOf(node.op).run(inputs as TensorData[], node.attributes, {
    outputs,
    dim: (dim: Dim) => evaluateDim(dim, sizes),
    buffer: (index = 0) => new Float64Array(elementCount(outputs[index].shape)),
    result: (values, index = 0) => ({ ...outputs[index], data: round(outputs[index].dtype, values) }),
  })
  return results.map((result, i) => {
    const { shape } = outputs[i]
    if (result.data.length !== elementCount(shape)) throw runMismatch(node.op, node.name, shape, result.shape)
    return { ...result, shape }
  })
}

function checked(kind: string, value: Value, given: Tensors, sizes: Map<string, number>): TensorData {
  const data = given[value.name]
  if (!data) throw missingFeed(kind, value.name, Object.keys(given))
  const fits = data.dtype === value.dtype && data.shape.length === value.shape.length && data.data.length === elementCount(data.shape)
  if (!fits)
    throw feedMismatch(value.name, `${value.dtype} ${formatShape(value.shape)}`, `${data.dtype} ${formatShape(data.shape)} of ${data.data.length} elements`)
  value.shape.forEach((dim, i) => {
    if (typeof dim === 'string' && /^\w[\w.]*$/.test(dim) && !sizes.has(dim)) sizes.set(dim, data.shape[i])
  })
  return data
}

function checkSizes(value: Value, data: TensorData, sizes: ReadonlyMap<string, number>): void {
  const expected = value.shape.map((dim) => evaluateDim(dim, sizes))
  if (expected.some((d, i) => d !== data.shape[i])) {
    throw feedMismatch(value.name, `${formatShape(value.shape)} = ${formatShape(expected)}`, formatShape(data.shape))
  }
}

function countUses(graph: Graph): Map<Value, number> {
  const uses = new Map<Value, number>()
  const use = (value: Value | undefined) => {
    if (value) uses.set(value, (uses.get(value) ?? 0) + 1)
  }
  for (const node of graph.nodes) node.inputs.forEach(use)
  // An output is used once more than it is read, and so never let go.
  for (const { value } of graph.outputs) use(value)
  return uses
}

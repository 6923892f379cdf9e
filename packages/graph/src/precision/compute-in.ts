import { GraphBuilder } from '../builder.ts'
import { type DType, fromNumbers, isFloat, numbers } from '../dtype.ts'
import { lower } from '../lower.ts'
import type { Graph, Node, Value } from '../value.ts'
import { precisionKind } from './float32-islands.ts'

/** 16-bit types that a graph may compute in. */
export type HalfPrecision = 'float16' | 'bfloat16'

export interface ComputeInOptions {
  /** How a float32 input is had: kept, kept and narrowed at once, or declared in 16 bits. Default kept. */
  input?: (name: string) => 'wide' | 'narrowed' | 'declared'
  /** Outputs that are declared in 16 bits. Default none. */
  output?: (name: string) => boolean
}

/**
 * The same graph computed in 16 bits, with the float32 islands of `precisionKind` in it. Weights of float32 are declared in that type; inputs and outputs
 * keep theirs unless said. Casts are written where the two meet, each once.
 */
export function computeIn(graph: Graph, half: HalfPrecision, { input = () => 'wide', output = () => false }: ComputeInOptions = {}): Graph {
  const source = lower(graph)
  const wide = widened(source)
  const g = new GraphBuilder(graph.name)
  const mapped = new Map<Value, Value>()
  const as = (value: Value, dtype: DType): Value => {
    if (!isFloat(value.dtype)) return now(value)
    if (value.constant) return g.constant(clamped(dtype, numbers(value.constant)), value.constant.shape, dtype)
    return g.cast(now(value), dtype)
  }
  const now = (value: Value): Value => {
    let known = mapped.get(value)
    if (!known) mapped.set(value, (known = g.constant(value.constant!.data, value.constant!.shape, value.dtype)))
    return known
  }
  const isHalf = (value: Value | undefined): boolean => value !== undefined && !value.constant && isFloat(value.dtype) && now(value).dtype === half

  for (const value of source.inputs) {
    const how = value.dtype === 'float32' ? input(value.name) : 'wide'
    const declared = g.input(value.name, how === 'declared' ? half : value.dtype, value.shape)
    mapped.set(value, how === 'narrowed' ? g.cast(declared, half) : declared)
  }
  for (const value of source.weights) mapped.set(value, g.weight(value.name, value.shape, value.dtype === 'float32' ? half : value.dtype))

  for (const node of source.nodes) {
    const place = node.name.split('/').slice(1, -1).join('/')
    const emit = (): readonly Value[] => {
      // What a cast would only undo is not written.
      if (node.op === 'Cast' && node.attributes.to === 'float32' && isFloat(node.inputs[0]!.dtype)) return [now(node.inputs[0]!)]
      const dtype = dtypeOf(node, half, isHalf, wide)
      return g.emit(
        node.op,
        node.inputs.map((value) => value && (dtype ? as(value, dtype) : now(value))),
        node.attributes,
      )
    }
    const results = place ? g.scope(place, emit) : emit()
    results.forEach((result, i) => {
      mapped.set(node.outputs[i], result)
      if (!node.outputs[i].name.startsWith(node.name)) g.rename(result, node.outputs[i].name)
    })
  }
  for (const { name, value } of source.outputs) g.output(name, isFloat(value.dtype) ? as(value, output(name) ? half : 'float32') : now(value))
  return g.build()
}

/** The type that a node's floating-point operands are brought to; undefined where they stay as they are. */
function dtypeOf(node: Node, half: HalfPrecision, isHalf: (value: Value | undefined) => boolean, wide: ReadonlySet<Node>): DType | undefined {
  const operands = node.inputs.filter((value): value is Value => value !== undefined && isFloat(value.dtype))
  const some = operands.some(isHalf)
  switch (precisionKind(node.op, node.attributes)) {
    case 'none':
      return undefined
    case 'float32':
      return 'float32'
    case 'first':
      return isHalf(operands[0]) ? half : 'float32'
    case 'pointwise':
      return some && !wide.has(node) && operands.every((value) => value.constant || isHalf(value)) ? half : 'float32'
    case 'product':
    case 'moves':
      return some ? half : 'float32'
  }
}

/** Pointwise nodes that nothing but islands and the graph's own outputs read: their terms are not rounded before they are summed. */
function widened(graph: Graph): Set<Node> {
  const wide = new Set<Node>()
  const narrowReaders = new Set<Value>()
  const read = new Set<Value>(graph.outputs.map(({ value }) => value))
  for (const node of [...graph.nodes].reverse()) {
    const kind = precisionKind(node.op, node.attributes)
    const isWide =
      kind === 'float32' || ((kind === 'pointwise' || kind === 'moves') && node.outputs.every((value) => !narrowReaders.has(value) && read.has(value)))
    if (isWide && kind === 'pointwise') wide.add(node)
    for (const value of node.inputs) {
      if (!value) continue
      read.add(value)
      if (!isWide) narrowReaders.add(value)
    }
  }
  return wide
}

/** Finite numbers stay finite: a mask of −1e30 is the least number that there is. */
function clamped(dtype: DType, values: ArrayLike<number>) {
  const largest = dtype === 'float16' ? 65504 : Infinity
  return fromNumbers(
    dtype,
    Float64Array.from(values, (x) => (Number.isFinite(x) ? Math.max(-largest, Math.min(largest, x)) : x)),
  )
}

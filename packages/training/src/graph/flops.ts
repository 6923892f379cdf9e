import { type Graph, lower } from '@weft/graph'

/** Floating-point operations of a graph's matrix products, two per multiplication and addition. Everything else is not counted. */
export const matMulFlops = (graph: Graph): number =>
  lower(graph).nodes.reduce((sum, { op, inputs, attributes, outputs }) => {
    if (op !== 'MatMul' && op !== 'Gemm') return sum
    const inner = inputs[0]!.shape.at(op === 'Gemm' && attributes.transA ? 0 : -1)
    return sum + 2 * outputs[0].shape.reduce<number>((n, d) => n * Number(d), 1) * Number(inner)
  }, 0)

import type { OpName } from '../ops/index.ts'
import type { Attributes } from '../value.ts'

/**
 * What an op does to precision when a graph computes in 16 bits.
 *
 * - `product`: multiplies matrices. In 16 bits as soon as one operand is, its sums kept in float32 by the kernel.
 * - `float32`: an island. Its operands are widened and its results stay wide.
 * - `pointwise`: as wide as its widest operand, and in float32 where nothing but islands reads it.
 * - `moves`: carries elements about; gains no precision, so it is in 16 bits as soon as one operand is.
 * - `first`: as its first operand. Statistics of a normalization are float32 within the kernel.
 * - `none`: has nothing to do with floating-point results.
 */
export type PrecisionKind = 'product' | 'float32' | 'pointwise' | 'moves' | 'first' | 'none'

/**
 * Which arithmetic stays in float32, stated once for all graphs, gradients included: what sums many terms (statistics of norms, softmax,
 * cross-entropy, gradients over batches and rows), and functions whose range or rounding 16 bits cannot carry. The
 * choice is that of mixed-precision training (Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740).
 * It also holds every op that ONNX Runtime's CUDA provider has no bfloat16 kernel for: logarithms, reciprocals, maxima, comparisons, `Pad`, and
 * `ScatterND` that adds.
 */
const kinds: Record<OpName, PrecisionKind | ((attributes: Attributes) => PrecisionKind)> = {
  MatMul: 'product',
  Gemm: 'product',
  GroupQueryAttention: 'product',
  MatMulNBits: 'product',

  Softmax: 'float32',
  ReduceSum: 'float32',
  ReduceMean: 'float32',
  ReduceSumSquare: 'float32',
  ReduceMax: 'float32',
  ArgMax: 'float32',
  Exp: 'float32',
  Log: 'float32',
  Pow: 'float32',
  Sqrt: 'float32',
  Reciprocal: 'float32',
  Sin: 'float32',
  Cos: 'float32',
  QuantizeLinear: 'float32',
  MatMulIntegerToFloat: 'float32',
  Equal: 'float32',
  Less: 'float32',
  Greater: 'float32',
  Pad: 'float32',

  Add: 'pointwise',
  Sub: 'pointwise',
  Mul: 'pointwise',
  Div: 'pointwise',
  Max: 'pointwise',
  Min: 'pointwise',
  Neg: 'pointwise',
  Abs: 'pointwise',
  Tanh: 'pointwise',
  Sigmoid: 'pointwise',
  Erf: 'pointwise',
  Relu: 'pointwise',
  Gelu: 'pointwise',
  Where: 'pointwise',

  Reshape: 'moves',
  Transpose: 'moves',
  Concat: 'moves',
  Split: 'moves',
  Slice: 'moves',
  Expand: 'moves',
  Gather: 'moves',
  GatherBlockQuantized: 'moves',
  GatherElements: 'moves',
  GatherND: 'moves',
  Identity: 'moves',
  ScatterElements: ({ reduction }) => (reduction === 'add' ? 'float32' : 'moves'),
  ScatterND: ({ reduction }) => (reduction === 'add' ? 'float32' : 'moves'),

  LayerNormalization: 'first',
  RmsNormalization: 'first',
  RotaryEmbedding: 'first',

  And: 'none',
  Or: 'none',
  Not: 'none',
  Cast: 'none',

  // Composites are expanded before anybody asks.
  SwiGlu: 'pointwise',
  Silu: 'pointwise',
  StopGradient: 'moves',
  IntegerLinear: 'float32',
  LinearCrossEntropy: 'float32',
  LinearKullbackLeibler: 'float32',
}

export const precisionKind = (op: OpName, attributes: Attributes): PrecisionKind => {
  const kind = kinds[op]
  return typeof kind === 'function' ? kind(attributes) : kind
}

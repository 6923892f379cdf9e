import { tensor } from '@weft/graph'
import { floats, integers, type OpCase } from '../op-case.ts'

const loss = (
  M: number,
  V: number,
  weights: readonly number[],
  { bias = false, chunks, dtype = 'int64' }: { bias?: boolean; chunks?: number; dtype?: 'int32' | 'int64' } = {},
): OpCase => ({
  name: `linearCrossEntropy [${M},${V}] ${dtype}${bias ? ' + bias' : ''}${chunks ? ` in ${chunks}` : ''}`,
  inputs: {
    x: floats([M, 3]),
    w: floats([V, 3], -2, 2),
    targets: integers([M], V, dtype),
    weights: tensor('float32', [M], weights),
    ...(bias && { bias: floats([V]) }),
  },
  build: (g, { x, w, targets, weights: rows, bias: b }) => g.linearCrossEntropy(x, w, targets, rows, { bias: b, chunks }),
  symbols: chunks ? [] : undefined,
})

const divergence = (M: number, V: number, weights: readonly number[], chunks?: number): OpCase => ({
  name: `linearKullbackLeibler [${M},${V}]${chunks ? ` in ${chunks}` : ''}`,
  inputs: { x: floats([M, 3]), w: floats([V, 3], -2, 2), teacher: floats([M, 2]), table: floats([V, 2], -2, 2), weights: tensor('float32', [M], weights) },
  build: (g, { x, w, teacher, table, weights: rows }) => g.linearKullbackLeibler(x, w, teacher, table, rows, { chunks }),
  wrt: ['x', 'w', 'weights'],
  symbols: chunks ? [] : undefined,
})

export const transformerCases: readonly OpCase[] = [
  // y = x·r·w, r = 1/√(mean(x²) + ε): dx = r·(ct·w − x·r²·mean(ct·w·x)), dw = Σ ct·x·r
  { name: 'rmsNormalization', inputs: { x: floats([2, 3, 4]), w: floats([4], 0.5, 1.5) }, build: (g, { x, w }) => g.rmsNormalization(x, w, { epsilon: 1e-5 }) },
  {
    name: 'rmsNormalization near zero',
    inputs: { x: floats([2, 4], -0.01, 0.01), w: floats([4]) },
    build: (g, { x, w }) => g.rmsNormalization(x, w, { epsilon: 1e-3 }),
  },
  {
    name: 'rmsNormalization, by hand',
    inputs: { x: tensor('float32', [1, 2], [3, 4]), w: tensor('float32', [2], [1, 10]) },
    build: (g, { x, w }) => g.rmsNormalization(x, w, { epsilon: 0 }),
    expected: [3 / Math.sqrt(12.5), 40 / Math.sqrt(12.5)],
  },
  // y = silu(x)·u: dx = ct·u·(s + silu·(1 − s)), du = ct·silu, s = σ(x)
  { name: 'swiGlu', inputs: { gate: floats([2, 5], -4, 4), up: floats([2, 5]) }, build: (g, { gate, up }) => g.swiGlu(gate, up) },
  // y = x̂·w + b, x̂ = (x − μ)·r: dx = r·(ct·w − mean(ct·w) − x̂·mean(ct·w·x̂)), dw = Σ ct·x̂, db = Σ ct
  {
    name: 'layerNormalization',
    inputs: { x: floats([2, 3, 4]), w: floats([4], 0.5, 1.5), b: floats([4]) },
    build: (g, { x, w, b }) => g.layerNormalization(x, w, b, { epsilon: 1e-5 }),
  },
  {
    name: 'layerNormalization beside zero',
    inputs: { x: floats([3, 6], 1, 4), w: floats([6]), b: floats([6]) },
    build: (g, { x, w, b }) => g.layerNormalization(x, w, b, { epsilon: 1e-12 }),
  },
  {
    name: 'layerNormalization of equal numbers',
    inputs: { x: tensor('float32', [1, 4], [2, 2, 2, 2]), w: floats([4]), b: tensor('float32', [4], [1, 2, 3, 4]) },
    build: (g, { x, w, b }) => g.layerNormalization(x, w, b, { epsilon: 1 }),
    expected: [1, 2, 3, 4],
  },
  {
    name: 'layerNormalization, by hand',
    inputs: { x: tensor('float32', [1, 2], [3, 7]), w: tensor('float32', [2], [1, 10]), b: tensor('float32', [2], [0, 1]) },
    build: (g, { x, w, b }) => g.layerNormalization(x, w, b, { epsilon: 0 }),
    expected: [-1, 11],
    wrt: ['w', 'b'],
  },
  // y = x·Φ(x): dx = ct·(Φ(x) + x·φ(x)); its approximation: dx = ct·(s + y·(1 − s)·w′), s = σ(w)
  { name: 'gelu', inputs: { x: floats([2, 5], -4, 4) }, build: (g, { x }) => g.gelu(x) },
  { name: 'gelu approximate', inputs: { x: floats([2, 5], -4, 4) }, build: (g, { x }) => g.gelu(x, { approximate: 'tanh' }) },
  {
    name: 'gelu, by hand',
    inputs: { x: tensor('float32', [4], [0, 1, -1, 20]) },
    build: (g, { x }) => g.gelu(x),
    symbols: [],
    expected: [0, 0.8413447460685429, -0.15865525393145707, 20],
  },
  {
    name: 'gelu approximate, by hand',
    inputs: { x: tensor('float32', [4], [0, 1, -1, -40]) },
    build: (g, { x }) => g.gelu(x, { approximate: 'tanh' }),
    symbols: [],
    expected: [0, 0.8411919906082768, -0.15880800939172324, 0],
  },
  // A rotation: dx = rotation back, dcos = Σ ct1·x1 + ct2·x2, dsin = Σ ct2·x1 − ct1·x2
  {
    name: 'rotaryEmbedding',
    inputs: { x: floats([2, 3, 5, 4]), cos: floats([2, 5, 2]), sin: floats([2, 5, 2]) },
    build: (g, { x, cos, sin }) => g.rotaryEmbedding(x, cos, sin),
    symbols: [3, 5],
  },
  {
    name: 'rotaryEmbedding, a quarter turn',
    inputs: { x: tensor('float32', [1, 1, 1, 4], [1, 2, 3, 4]), cos: tensor('float32', [1, 1, 2], [0, 0]), sin: tensor('float32', [1, 1, 2], [1, 1]) },
    build: (g, { x, cos, sin }) => g.rotaryEmbedding(x, cos, sin),
    symbols: [],
    expected: [-3, -4, 1, 2],
  },
  // dx = s ⊙ (p·w − w[target]), dw = pᵀ·(s ⊙ x) − scatter(s ⊙ x), with s = ct·weights; a row of weight 0 has none of it.
  loss(5, 7, [1, 0.5, 0, 2, 1]),
  loss(5, 7, [1, 0.5, 0, 2, 1], { bias: true }),
  loss(5, 7, [1, 0.5, 0, 2, 1], { bias: true, chunks: 2 }),
  loss(6, 4, [1, 1, 1, 0, 0, 0], { chunks: 3 }),
  loss(4, 3, [1, 2, 3, 4], { chunks: 9 }),
  loss(5, 3, [1, 0, 3, 4, 1], { chunks: 2, dtype: 'int32' }),
  loss(2, 4, [0, 0]),
  // dx = d·w, dw = dᵀ·x, dweights = KL, with d = ct·weights·(p − teacher); the teacher is a constant.
  divergence(5, 7, [1, 0.5, 0, 2, 1]),
  divergence(5, 7, [1, 0.5, 0, 2, 1], 2),
  divergence(4, 3, [1, 2, 3, 4], 9),
  // KL((¾, ¼) ‖ (½, ½)) = ¾·log 1.5 + ¼·log 0.5
  {
    name: 'linearKullbackLeibler, by hand',
    inputs: {
      x: tensor('float32', [1, 1], [0]),
      w: tensor('float32', [2, 1], [1, -1]),
      teacher: tensor('float32', [1, 1], [Math.log(3)]),
      table: tensor('float32', [2, 1], [1, 0]),
      weights: tensor('float32', [1], [2]),
    },
    build: (g, { x, w, teacher, table, weights }) => g.linearKullbackLeibler(x, w, teacher, table, weights),
    symbols: [],
    wrt: ['x', 'weights'],
    expected: [2 * (0.75 * Math.log(1.5) + 0.25 * Math.log(0.5))],
  },
]

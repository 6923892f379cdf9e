import type { GraphBuilder, Value } from '@weft/graph'
import { type Param, param, uniform } from '@weft/methods'

export const MAX_LAYERS = 8

const directions = ['', 'Reverse'] as const
const parts = ['WeightIh', 'WeightHh', 'BiasIh', 'BiasHh'] as const
const nameOf = (part: (typeof parts)[number], layer: number, direction: (typeof directions)[number]): string => `lstm${part}L${layer}${direction}`

/** A bidirectional LSTM as torch keeps it: per layer and direction `[4E, in]`, `[4E, E]` and two biases `[4E]`, gates in the order i, f, g, o. */
export function lstmParams(input: number, E: number, layers: number): Record<string, Param> {
  const init = uniform(-1 / Math.sqrt(E), 1 / Math.sqrt(E))
  const params: Record<string, Param> = {}
  for (let layer = 0; layer < layers; layer++) {
    const shapes = { WeightIh: [4 * E, layer ? 2 * E : input], WeightHh: [4 * E, E], BiasIh: [4 * E], BiasHh: [4 * E] }
    for (const direction of directions) for (const part of parts) params[nameOf(part, layer, direction)] = param(shapes[part], init)
  }
  return params
}

/** `x [P, in]` → `[P, 2E]`: each layer reads its input forwards and backwards, side by side. */
export function lstm(g: GraphBuilder, params: Readonly<Record<string, Value>>, x: Value, layers: number): Value {
  for (let layer = 0; layer < layers; layer++) {
    const input = x
    x = g.concat(
      directions.map((direction) => {
        const [weightIh, weightHh, biasIh, biasHh] = parts.map((part) => params[nameOf(part, layer, direction)])
        return unrolled(g, input, { weightIh, weightHh, biasIh, biasHh }, direction === 'Reverse')
      }),
      1,
    )
  }
  return x
}

interface Cell {
  weightIh: Value
  weightHh: Value
  biasIh: Value
  biasHh: Value
}

/**
 * One direction, a step per row (Hochreiter & Schmidhuber 1997, with forget gates):
 *
 *   c ← σ(f) c + σ(i) tanh(g)      h ← σ(o) tanh(c)      [i f g o] = W_ih x + b_ih + W_hh h + b_hh
 *
 * What comes of the inputs is one product for all rows.
 */
function unrolled(g: GraphBuilder, x: Value, { weightIh, weightHh, biasIh, biasHh }: Cell, reverse: boolean): Value {
  const P = x.shape[0] as number
  const E = weightHh.shape[1] as number
  const ofInput = g.gemm(x, weightIh, { c: g.add(biasIh, biasHh), transB: true }) // [P,4E]
  const inputs = P > 1 ? g.split(ofInput, new Array<number>(P).fill(1), 0) : [ofInput]
  const outputs = new Array<Value>(P)
  let h = g.constant(new Float32Array(E), [1, E])
  let c = h
  for (let step = 0; step < P; step++) {
    const row = reverse ? P - 1 - step : step
    const gates = g.add(inputs[row], g.gemm(h, weightHh, { transB: true })) // [1,4E]
    const [i, f, candidate, o] = g.split(gates, [E, E, E, E], 1)
    c = g.add(g.mul(g.sigmoid(f), c), g.mul(g.sigmoid(i), g.tanh(candidate)))
    h = g.mul(g.sigmoid(o), g.tanh(c))
    outputs[row] = h
  }
  return P > 1 ? g.concat(outputs, 0) : outputs[0]
}

const snake: Record<(typeof parts)[number], string> = { WeightIh: 'weight_ih', WeightHh: 'weight_hh', BiasIh: 'bias_ih', BiasHh: 'bias_hh' }

export const lstmPeftNames: Record<string, string> = Object.fromEntries(
  Array.from({ length: MAX_LAYERS }, (_, layer) =>
    directions.flatMap((direction) =>
      parts.map((part) => [nameOf(part, layer, direction), `prompt_encoder.default.lstm_head.${snake[part]}_l${layer}${direction ? '_reverse' : ''}`]),
    ),
  ).flat(),
)

import { floatTensor } from '@weft/adapters'
import { encodeState, parseConfig } from '@weft/methods'
import { pluginCases } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import pTuning from './index.ts'

const H = 12
const rows = (P: number) => ({ virtualTokens: { rows: P, prefix: 0 } })
const linear = (input: number, out: number): number => out * input + out
const direction = (input: number, E: number): number => 4 * E * (input + E + 2)

pluginCases(pTuning, {
  configs: {
    mlp: { config: { numVirtualTokens: 3, encoderHiddenSize: 5 }, parameters: 3 * H + linear(H, 5) + linear(5, 5) + linear(5, H), ...rows(3) },
    'mlp as wide as the model': { config: { numVirtualTokens: 2 }, parameters: 2 * H + 3 * linear(H, H), ...rows(2) },
    lstm: {
      config: { numVirtualTokens: 3, encoderReparameterizationType: 'lstm', encoderHiddenSize: 1 },
      parameters: 3 * H + 2 * direction(H, 1) + 2 * direction(2, 1) + linear(2, 2) + linear(2, H),
      ...rows(3),
    },
    'lstm of one layer over one row': {
      config: { numVirtualTokens: 1, encoderReparameterizationType: 'LSTM', encoderHiddenSize: 2, encoderNumLayers: 1 },
      parameters: H + 2 * direction(H, 2) + linear(4, 4) + linear(4, H),
      ...rows(1),
    },
  },
  refused: [
    { config: { numVirtualTokens: 0 }, param: 'method.p-tuning.num_virtual_tokens' },
    { config: { numVirtualTokens: 1000, encoderReparameterizationType: 'lstm' }, param: 'method.p-tuning.num_virtual_tokens' },
    { config: { encoderHiddenSize: 0 }, param: 'method.p-tuning.encoder_hidden_size' },
    { config: { encoderNumLayers: 9 }, param: 'method.p-tuning.encoder_num_layers' },
    { config: { encoderDropout: 0.1 }, param: 'method.p-tuning.encoder_dropout' },
    { config: { encoderReparameterizationType: 'gru' }, param: 'method.p-tuning.encoder_reparameterization_type' },
  ],
})

/** Every parameter filled with one number, the named ones with others. */
const encode = (config: object, fill: (name: string) => number): Float32Array => {
  const parsed = parseConfig<any>(pTuning, config)
  const values = Object.fromEntries(
    Object.entries(pTuning.params(parsed, tinyModel, [])).map(([name, { shape }]) => [
      name,
      floatTensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(fill(name))),
    ]),
  )
  return encodeState(pTuning, values as never, parsed, tinyModel).inputsEmbeds.rows.data as Float32Array
}

test('the MLP is Linear → ReLU → Linear → ReLU → Linear', () => {
  const config = { numVirtualTokens: 1, encoderHiddenSize: 1 }
  const first = H * 0.1 * 0.2 + 0.3
  const values: Record<string, number> = {
    embedding: 0.1,
    linear0Weight: 0.2,
    linear0Bias: 0.3,
    linear1Weight: -0.5,
    linear1Bias: 0.4,
    linear2Weight: 2,
    linear2Bias: 0.25,
  }
  expect(encode(config, (name) => values[name])[0]).toBeCloseTo(2 * (0.4 - 0.5 * first) + 0.25, 6)
  // A layer that is cut off by ReLU leaves the last bias alone.
  expect(encode(config, (name) => (({ ...values, linear1Bias: -4 }) as Record<string, number>)[name])[0]).toBeCloseTo(0.25, 6)
})

test("the LSTM's gates are i, f, g, o, and one of its directions starts at the end", () => {
  const config = { numVirtualTokens: 2, encoderReparameterizationType: 'lstm', encoderHiddenSize: 1, encoderNumLayers: 1 }
  const parsed = parseConfig<any>(pTuning, config)
  const gates = { i: 0.3, f: -0.7, g: 1.1, o: 0.5 }
  const values = Object.fromEntries(
    Object.entries(pTuning.params(parsed, tinyModel, [])).map(([name, { shape }]) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
      if (name === 'lstmBiasIhL0') data.set([gates.i, gates.f, gates.g, gates.o])
      if (name === 'linear0Weight') data.set([1, 0, 0, 1]) // [2,2]
      if (name === 'linear1Weight') data.set([1, 0, 0, 1]) // [12,2]: the forward direction in column 0, the other in column 1
      if (name === 'lstmBiasIhL0Reverse') data.set([gates.i, gates.f, gates.g, gates.o])
      return [name, floatTensor(shape, data)]
    }),
  )
  const rows = encodeState(pTuning, values as never, parsed, tinyModel).inputsEmbeds.rows.data as Float32Array
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
  const first = sigmoid(gates.i) * Math.tanh(gates.g)
  const second = sigmoid(gates.f) * first + first
  const output = (cell: number): number => sigmoid(gates.o) * Math.tanh(cell)
  expect([rows[0], rows[1], rows[H], rows[H + 1]].map((x) => +x.toFixed(5))).toEqual(
    [output(first), output(second), output(second), output(first)].map((x) => +x.toFixed(5)),
  )
})

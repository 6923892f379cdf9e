import { type FloatTensor, floatTensor } from '@weft/adapters'
import { encodeState, parseConfig } from '@weft/methods'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import parallelPrefix from './index.ts'

const each = 3 * 2 * 2 * 5 // L·2·K·D of one virtual token
const gates = 3 * 4 // L·N
const sinkKeys = 3 * 2 * 5 // L·K·D
const closed = { gatedKeyValue: { gate: floatTensor([3, 4, 1]) } }

pluginCases(parallelPrefix, {
  configs: {
    'of sampled tokens': { config: { numVirtualTokens: 3 }, parameters: 3 * each + gates + sinkKeys, fresh: closed },
    'of a text': {
      config: { numVirtualTokens: 4, prefixInit: 'text', prefixInitText: 'speak plainly' },
      parameters: 4 * each + gates + sinkKeys,
      fresh: closed,
    },
    'with several sink columns': { config: { numVirtualTokens: 2, sinkColumns: 3 }, parameters: 2 * each + gates + 3 * sinkKeys, fresh: closed },
    'random, without a sink column': { config: { numVirtualTokens: 1, prefixInit: 'random', sinkColumn: false }, parameters: each + gates, fresh: closed },
  },
  refused: [
    { config: { numVirtualTokens: 0 }, param: 'method.parallel-prefix.num_virtual_tokens' },
    { config: { prefixInit: 'text' }, param: 'method.parallel-prefix.prefix_init_text' },
    { config: { sinkColumns: 0 }, param: 'method.parallel-prefix.sink_columns' },
    { config: { sinkColumn: false, sinkColumns: 2 }, param: 'method.parallel-prefix.sink_columns' },
    { config: { gateLearningRate: 0 }, param: 'method.parallel-prefix.gate_learning_rate' },
  ],
})

test('it starts from the very keys and values that a text has, as one branch with a sink column', async () => {
  const config = parseConfig<any>(parallelPrefix, { numVirtualTokens: 4, prefixInit: 'text', prefixInitText: 'speak plainly' })
  const { prefix, gate, sinkKey } = parallelPrefix.params(config, tinyModel, [])
  const values = {
    prefix: floatTensor(prefix.shape, await prefix.init(tinyContext(), prefix.shape)),
    gate: floatTensor(gate.shape, await gate.init(tinyContext(), gate.shape)),
    sinkKey: floatTensor(sinkKey.shape, new Float32Array(sinkKeys).fill(7)),
  }
  const { gatedKeyValue } = encodeState(parallelPrefix, values, config, tinyModel)
  expect(gatedKeyValue.prefix.shape).toEqual([3, 2, 2, 5, 5])
  expect(gatedKeyValue.lengths.data).toEqual(Float32Array.of(5))
  expect(parallelPrefix.decode!({ gatedKeyValue }, config, tinyModel)).toEqual(values)
  expect(values.prefix.data).toEqual(await tinyContext().keyValue([1, 7, 9, 1]))
  // [L,2,K,5,D]: the fifth column's keys are what was given, its values 0.
  const at = (layer: number, half: number, head: number): number[] => [
    ...gatedKeyValue.prefix.data.subarray((((layer * 2 + half) * 2 + head) * 5 + 4) * 5, (((layer * 2 + half) * 2 + head) * 5 + 5) * 5),
  ]
  for (const [layer, head] of [
    [0, 0],
    [2, 1],
  ])
    expect([at(layer, 0, head), at(layer, 1, head)]).toEqual([
      [7, 7, 7, 7, 7],
      [0, 0, 0, 0, 0],
    ])
})

test('several sink columns start apart, and come back from the state', async () => {
  const config = parseConfig<any>(parallelPrefix, { numVirtualTokens: 2, sinkColumns: 3 })
  const params = parallelPrefix.params(config, tinyModel, [])
  const values: Record<string, FloatTensor> = {}
  for (const [name, { shape, init }] of Object.entries(params)) values[name] = floatTensor(shape, await init(tinyContext(), shape))
  const { data } = values.sinkKey
  expect(new Set(data).size).toBe(data.length)
  const { gatedKeyValue } = encodeState(parallelPrefix, values, config, tinyModel)
  expect(gatedKeyValue.prefix.shape).toEqual([3, 2, 2, 5, 5])
  expect(gatedKeyValue.lengths.data).toEqual(Float32Array.of(5))
  expect(parallelPrefix.decode!({ gatedKeyValue }, config, tinyModel)).toEqual(values)
})

test("without a word it starts as the keys and values of the task's own training text", async () => {
  const { prefix } = parallelPrefix.params(parseConfig<any>(parallelPrefix, { numVirtualTokens: 2 }), tinyModel, [])
  // The context's training rows are ids 1 2 3, again and again.
  expect(await prefix.init(tinyContext(), prefix.shape)).toEqual(await tinyContext().keyValue([1, 2]))
})

test('gates may learn faster than the prefix', () => {
  const { prefix, gate } = parallelPrefix.params(parseConfig<any>(parallelPrefix, { gateLearningRate: 5 }), tinyModel, [])
  expect([prefix.lrScale, gate.lrScale]).toEqual([undefined, 5])
})

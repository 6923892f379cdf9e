import { encodeState, floatTensor, parseConfig } from '@weft/core'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/site'
import { expect, test } from 'vitest'
import parallelPrefix from './index.ts'

const each = 3 * 2 * 2 * 5 // L·2·K·D of one virtual token
const gates = 3 * 4 // L·N
const closed = { gatedKeyValue: { gate: floatTensor([3, 4, 1]) } }

pluginCases(parallelPrefix, {
  configs: {
    'of sampled tokens': { config: { numVirtualTokens: 3 }, parameters: 3 * each + gates, fresh: closed },
    'of a text': { config: { numVirtualTokens: 4, prefixInit: 'text', prefixInitText: 'speak plainly' }, parameters: 4 * each + gates, fresh: closed },
    random: { config: { numVirtualTokens: 1, prefixInit: 'random' }, parameters: each + gates, fresh: closed },
  },
  refused: [
    { config: { numVirtualTokens: 0 }, param: 'method.parallel-prefix.num_virtual_tokens' },
    { config: { prefixInit: 'text' }, param: 'method.parallel-prefix.prefix_init_text' },
    { config: { gateLearningRate: 0 }, param: 'method.parallel-prefix.gate_learning_rate' },
  ],
})

test('it starts from the very keys and values that a text has, as one branch of P columns', async () => {
  const config = parseConfig<any>(parallelPrefix, { numVirtualTokens: 4, prefixInit: 'text', prefixInitText: 'speak plainly' })
  const { prefix, gate } = parallelPrefix.params(config, tinyModel, [])
  const values = {
    prefix: floatTensor(prefix.shape, await prefix.init(tinyContext(), prefix.shape)),
    gate: floatTensor(gate.shape, await gate.init(tinyContext(), gate.shape)),
  }
  const { gatedKeyValue } = encodeState(parallelPrefix, values, config, tinyModel)
  expect(gatedKeyValue.prefix.data).toEqual(await tinyContext().keyValue([1, 7, 9, 1]))
  expect(gatedKeyValue.lengths.data).toEqual(Float32Array.of(4))
})

test('gates may learn faster than the prefix', () => {
  const { prefix, gate } = parallelPrefix.params(parseConfig<any>(parallelPrefix, { gateLearningRate: 5 }), tinyModel, [])
  expect([prefix.lrScale, gate.lrScale]).toEqual([undefined, 5])
})

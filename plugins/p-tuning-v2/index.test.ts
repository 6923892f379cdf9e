import { floatTensor } from '@weft/adapters'
import { encodeState, parseConfig } from '@weft/methods'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import pTuningV2 from './index.ts'

const all = 3 * 2 * 2 * 5

pluginCases(pTuningV2, {
  configs: {
    'real tokens': { config: { numVirtualTokens: 4 }, parameters: 4 * all, virtualTokens: { rows: 0, prefix: 4 } },
    'of a text': {
      config: { numVirtualTokens: 4, prefixInit: 'text', prefixInitText: 'speak plainly' },
      parameters: 4 * all,
      virtualTokens: { rows: 0, prefix: 4 },
    },
    noise: { config: { numVirtualTokens: 2, prefixInit: 'random' }, parameters: 2 * all, virtualTokens: { rows: 0, prefix: 2 } },
  },
  refused: [
    { config: { numVirtualTokens: 0 }, param: 'method.p-tuning-v2.num_virtual_tokens' },
    { config: { prefixInit: 'text' }, param: 'method.p-tuning-v2.prefix_init_text' },
    { config: { initStd: 0 }, param: 'method.p-tuning-v2.init_std' },
  ],
  tasks: ['SEQ_CLS', 'TOKEN_CLS'],
})

test('without a word it starts as keys and values that the frozen model has for tokens, not as noise', async () => {
  const config = parseConfig<any>(pTuningV2, { numVirtualTokens: 4 })
  const { prefix } = pTuningV2.params(config, tinyModel, [])
  const start = await prefix.init(tinyContext(), prefix.shape)
  // In the tiny model a key's whole part is the token that it is of.
  const ids = [0, 1, 2, 3].map((position) => Math.floor(start[position * tinyModel.headDim]))
  expect(start).toEqual(await tinyContext().keyValue(ids))
  expect(encodeState(pTuningV2, { prefix: floatTensor(prefix.shape, start) }, config, tinyModel).keyValue.prefix.data).toEqual(start)
})

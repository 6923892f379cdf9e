import { floatTensor } from '@weft/adapters'
import { parseConfig } from '@weft/methods'
import { pluginCases } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import steering from './index.ts'

const H = tinyModel.hiddenSize

pluginCases(steering, {
  configs: {
    defaults: { config: {}, parameters: 3 * H, fresh: { residual: { '0.vector': floatTensor([H]), '2.vector': floatTensor([H]) } } },
    'two layers, with an edit': { config: { layers: [2, 0], rank: 2 }, parameters: 2 * (H + 2 * 2 * H) },
  },
  refused: [
    { config: { layers: [] }, param: 'method.steering.layers' },
    { config: { layers: [1, 1] }, param: 'method.steering.layers' },
    { config: { layers: [1, -1] }, param: 'method.steering.layers[1]' },
    { config: { rank: -1 }, param: 'method.steering.rank' },
  ],
})

test('a layer that does not exist is answered with those that do', () => {
  expect(() => steering.params(parseConfig(steering, { layers: [1, 3] }), tinyModel, [])).toThrow(
    expect.objectContaining({
      code: 'layer_missing',
      param: 'method.steering.layers',
      message: expect.stringMatching(/0 to 2\. Name layers among them, or leave them out\./),
    }),
  )
})

import { floatTensor, Random } from '@weft/adapters'
import { encodeState, parseConfig } from '@weft/methods'
import { pluginCases } from '@weft/test/cases/plugin'
import { adapterOf, randomTensor, tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import promptAdapter from './index.ts'

const trunk = { inputsEmbeds: { rows: randomTensor(new Random('trunk'), 4, 12) } }

pluginCases(promptAdapter, {
  configs: {
    'rank 2': {
      config: { trunk: 'domain/mail', r: 2, alpha: 4 },
      required: [trunk],
      parameters: 4 * 2 + 2 * 12,
      virtualTokens: { rows: 4, prefix: 0 },
      // The identity: the trunk as it is, and B zero.
      fresh: { promptDelta: { trunk: trunk.inputsEmbeds.rows, b: floatTensor([2, 12]) } },
    },
    'rank 8': { config: { trunk: 'domain/mail' }, required: [trunk], parameters: 4 * 8 + 8 * 12, virtualTokens: { rows: 4, prefix: 0 } },
  },
  refused: [
    { config: { r: 2 }, param: 'method.prompt-adapter.trunk' },
    { config: { trunk: 'a', r: 0 }, param: 'method.prompt-adapter.r' },
    { config: { trunk: 'a', alpha: 0 }, param: 'method.prompt-adapter.alpha' },
  ],
})

test('α/R is folded into the stored B', async () => {
  const config = parseConfig<any>(promptAdapter, { trunk: 'domain/mail', r: 2, alpha: 6 })
  const b = randomTensor(new Random(1), 2, 12) as ReturnType<typeof floatTensor>
  const { promptDelta } = encodeState(promptAdapter, { trunk: floatTensor([4, 12]), a: floatTensor([4, 2]), b }, config, tinyModel)
  expect(promptDelta.b.data).toEqual(b.data.map((value) => value * 3))
})

test('a trunk without rows is refused, by name of the site', async () => {
  const prefix = await adapterOf({ keyValue: { prefix: randomTensor(new Random(1), 3, 2, 2, 2, 5) } })
  const config = parseConfig<any>(promptAdapter, { trunk: 'style/whale' })
  expect(() => promptAdapter.params(config, tinyModel, [prefix])).toThrow(/needs an adapter with inputsEmbeds.*keyValue/)
  expect(() => promptAdapter.params(config, tinyModel, [])).toThrow(expect.objectContaining({ code: 'required_site_missing' }))
})

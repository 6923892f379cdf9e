import { pluginCases } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import cartridge from './index.ts'

const { numLayers: L, numKeyValueHeads: K, headDim: D } = tinyModel
const numbers = (P: number, biases = true) => P * L * K * (2 * D + (biases ? 1 : 0))

pluginCases(cartridge, {
  configs: {
    'a few keys': { config: { numVirtualTokens: 3 }, parameters: numbers(3), virtualTokens: { rows: 0, prefix: 3 } },
    'without biases': { config: { numVirtualTokens: 2, keyBias: false }, parameters: numbers(2, false), virtualTokens: { rows: 0, prefix: 2 } },
  },
  refused: [
    { config: { numVirtualTokens: 0 }, param: 'method.cartridge.num_virtual_tokens' },
    { config: { keyBias: 'yes' }, param: 'method.cartridge.key_bias' },
  ],
})

import { pluginCases } from '@weft/test/cases/plugin'
import pTuningV2 from './index.ts'

const all = 3 * 2 * 2 * 5

pluginCases(pTuningV2, {
  configs: {
    noise: { config: { numVirtualTokens: 4 }, parameters: 4 * all, virtualTokens: { rows: 0, prefix: 4 } },
    'real tokens': { config: { numVirtualTokens: 2, prefixInit: 'vocab' }, parameters: 2 * all, virtualTokens: { rows: 0, prefix: 2 } },
  },
  refused: [
    { config: { numVirtualTokens: 0 }, param: 'method.p-tuning-v2.num_virtual_tokens' },
    { config: { initStd: 0 }, param: 'method.p-tuning-v2.init_std' },
  ],
  tasks: ['SEQ_CLS', 'TOKEN_CLS'],
})

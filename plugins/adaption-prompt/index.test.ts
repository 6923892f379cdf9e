import { parseConfig } from '@weft/methods'
import { pluginCases } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import adaptionPrompt from './index.ts'

pluginCases(adaptionPrompt, {
  configs: {
    'all layers': { config: { adapterLen: 4 }, parameters: 3 * (4 * 12 + 1) },
    'the topmost two': { config: { adapterLen: 2, adapterLayers: 2 }, parameters: 2 * (2 * 12 + 1) },
  },
  refused: [
    { config: { adapterLen: 0 }, param: 'method.adaption-prompt.adapter_len' },
    { config: { adapterLayers: 0 }, param: 'method.adaption-prompt.adapter_layers' },
  ],
  tasks: ['CAUSAL_LM'],
})

test('a model with fewer layers, or without key and value projections, is refused', () => {
  const params =
    (config: object, modules = tinyModel.modules) =>
    () =>
      adaptionPrompt.params(parseConfig(adaptionPrompt, config) as any, { ...tinyModel, modules }, [])
  expect(params({ adapterLayers: 4 })).toThrow(expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('the model has 3') }))
  expect(params({}, { 'h.0.attn.c_attn': [60, 12] })).toThrow(expect.objectContaining({ code: 'invalid_config', message: expect.stringContaining('k_proj') }))
})

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

test('where the output projection has a bias, PEFT computes something else: its checkpoints go neither in nor out', () => {
  const config = parseConfig(adaptionPrompt, { adapterLayers: 1 }) as any
  const { paramsFrom, stateTo } = adaptionPrompt.peft!
  const biased = (module: string) => ({ ...tinyModel, weights: { ...tinyModel.weights, [`${module}.bias`]: [12] } })
  const [below, top] = [0, 2].map((layer) => biased(`model.layers.${layer}.self_attn.o_proj`))
  const told = expect.stringContaining('PEFT adds "model.layers.2.self_attn.o_proj.bias" a second time')
  expect(() => paramsFrom!({}, config, top)).toThrow(expect.objectContaining({ code: 'peft_unsupported', message: told }))
  expect(() => stateTo({}, config, top, {})).toThrow(expect.objectContaining({ code: 'peft_not_exportable', message: told }))
  // Of a layer that is not adapted it acts once in PEFT too.
  expect(stateTo({}, config, below, {})).toEqual({})
})

import { floatTensor } from '@weft/adapters'
import { encodeState, parseConfig } from '@weft/methods'
import { pluginCases } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import ia3 from './index.ts'

const up = 'model.layers.0.mlp.up_proj'

pluginCases(ia3, {
  configs: {
    // k_proj and v_proj give 10 each, down_proj gets 20.
    defaults: {
      config: {},
      parameters: 3 * (10 + 10 + 20),
      fresh: {
        scale: {
          'model.layers.1.mlp.down_proj.in': floatTensor([20], new Float32Array(20).fill(1)),
          'model.layers.2.self_attn.k_proj.out': floatTensor([10], new Float32Array(10).fill(1)),
        },
      },
    },
    'one layer, at its input, from noise': { config: { targetModules: [up], feedforwardModules: [up], initIa3Weights: false }, parameters: 12 },
    'by expression': { config: { targetModules: '.*\\.(up|gate)_proj', feedforwardModules: '.*gate_proj' }, parameters: 3 * (20 + 12) },
  },
  refused: [
    { config: { targetModules: ['k_proj'], feedforwardModules: ['down_proj'] }, param: 'method.ia3.feedforward_modules' },
    { config: { targetModules: '' }, param: 'method.ia3.target_modules' },
  ],
})

test('modules named by hand are scaled at their output unless they are named as feed-forward', () => {
  const config = parseConfig(ia3, { targetModules: ['down_proj', 'k_proj'], feedforwardModules: ['down_proj'] })
  const params = ia3.params(config, tinyModel, [])
  const values = Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, floatTensor([...shape])]))
  expect(Object.keys(encodeState(ia3, values, config, tinyModel).scale).filter((name) => name.includes('layers.0'))).toEqual([
    'model.layers.0.self_attn.k_proj.out',
    'model.layers.0.mlp.down_proj.in',
  ])
  expect(Object.keys(ia3.params(parseConfig(ia3, { targetModules: ['down_proj'] }), tinyModel, []))).toHaveLength(3)
})

test('modules that are not there are answered with those that are', () => {
  expect(() => ia3.params(parseConfig(ia3, { targetModules: ['wo'] }), tinyModel, [])).toThrow(
    expect.objectContaining({ code: 'target_modules_missing', message: expect.stringContaining('mlp.down_proj') }),
  )
  expect(() => ia3.params(parseConfig(ia3, {}), { ...tinyModel, roles: undefined }, [])).toThrow(expect.objectContaining({ code: 'target_modules_missing' }))
})

test('a training is refused entries that match nothing beside others; a config that is there is read with them', () => {
  const listed = parseConfig(ia3, { targetModules: ['k_proj', 'wo'] })
  expect(() => ia3.asked!(listed, tinyModel)).toThrow(expect.objectContaining({ code: 'target_modules_missing', param: 'target_modules' }))
  expect(Object.keys(ia3.params(listed, tinyModel, []))).toHaveLength(3)
  // Of the layers that are scaled, and not of all.
  const unscaled = parseConfig(ia3, { targetModules: '.*k_proj', feedforwardModules: ['k_proj', 'down_proj'] })
  expect(() => ia3.asked!(unscaled, tinyModel)).toThrow(
    expect.objectContaining({ param: 'feedforward_modules', message: expect.stringContaining('the feedforward_modules "down_proj"') }),
  )
  for (const config of [{}, { feedforwardModules: '' }, { targetModules: '.*_proj', feedforwardModules: '.*down_proj' }])
    expect(() => ia3.asked!(parseConfig(ia3, config), tinyModel)).not.toThrow()
})

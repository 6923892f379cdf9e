import { parseConfig } from '@weft/methods'
import { pluginCases, tinyContext } from '@weft/test/cases/plugin'
import { tinyModel } from '@weft/test/cases/tiny-adapters'
import { expect, test } from 'vitest'
import full from './index.ts'

const parameters = Object.values(tinyModel.weights).reduce((sum, shape) => sum + shape.reduce((a, b) => a * b), 0)

pluginCases(full, {
  configs: { 'fine-tuning': { config: {}, parameters }, pretraining: { config: { init: 'random' }, parameters } },
  refused: [{ config: { init: 'zeros' }, param: 'method.full.init' }],
})

const start = (config: object) =>
  Object.fromEntries(
    Object.entries(full.params(parseConfig(full, config), tinyModel, [])).map(([name, { init, shape }]) => [name, init(tinyContext(), shape) as Float32Array]),
  )

test('fine-tuning starts from the checkpoint', () => {
  expect(start({})['model.norm.weight']).toEqual(tinyContext().baseWeight('model.norm.weight'))
})

test('pretraining starts from N(0, 0.02²), norms from 1', () => {
  const { 'model.norm.weight': norm, 'model.embed_tokens.weight': embedding } = start({ init: 'random' })
  expect(new Set(norm)).toEqual(new Set([1]))
  const std = Math.sqrt(embedding.reduce((sum, value) => sum + value * value, 0) / embedding.length)
  expect(std).toBeGreaterThan(0.017)
  expect(std).toBeLessThan(0.023)
})

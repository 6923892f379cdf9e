import { definePlugin } from '@weft/methods'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { defineConfig } from './config.ts'

const plugin = (id: string) => definePlugin({ id, sites: [], config: z.object({}), params: () => ({}), encode: () => ({}) })

test('a configuration names each plugin once', () => {
  expect(defineConfig({ models: {}, plugins: [plugin('a'), plugin('b')] }).plugins.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(() => defineConfig({ models: {}, plugins: [plugin('a'), plugin('a')] })).toThrow(expect.objectContaining({ code: 'invalid_plugin' }))
})

test('the default method is one of those that are listed', () => {
  const configured = (method: string) => defineConfig({ models: {}, plugins: [plugin('own'), plugin('other')], defaults: { method } })
  expect(configured('other').defaults.method).toBe('other')
  expect(() => configured('othr')).toThrow(
    expect.objectContaining({
      code: 'method_not_found',
      message: expect.stringContaining('there are "own", "other"'),
      details: expect.objectContaining({ suggestions: ['other'] }),
    }),
  )
})

test('a default that a listed method would not read is refused, and named with it', () => {
  const [own, other] = [{ ...plugin('own'), hyperparameters: { learningRate: 1 } }, plugin('other')]
  const configured = (hyperparameters: object) => defineConfig({ models: {}, plugins: [own, other], defaults: { hyperparameters } })
  expect(configured({ nEpochs: 2 }).defaults.hyperparameters).toEqual({ nEpochs: 2 })
  expect(() => configured({ learningRate: 2 })).toThrow(
    expect.objectContaining({
      code: 'defaults_not_reached',
      message: expect.stringMatching(/learningRate would not reach "own":.+hyperparameters: \{ learningRate/),
    }),
  )
})

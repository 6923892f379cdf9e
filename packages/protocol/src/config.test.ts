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

test.each([
  ['of a base model', { models: { small: { source: 'x' } }, routes: { small: { composition: 'a' } } }, 'routes: "small" is a base model of "models"'],
  ["that is the default model's", { models: {}, routes: { base: { composition: 'a' } } }, '"base" is the base model'],
  ['that no expression can name', { models: {}, routes: { 'my route': { composition: 'a' } } }, '"my route" cannot be a route\'s name: expected a name like'],
  ["that is the API's own path", { models: {}, routes: { 'tone/metrics': { composition: 'a' } } }, 'paths of routes ending in "metrics"'],
])('a route with a name %s is refused', (_, config, message) => {
  expect(() => defineConfig({ ...config, plugins: [] } as never)).toThrow(
    expect.objectContaining({ code: 'routes_config_invalid', message: expect.stringContaining(message) }),
  )
})

test('a route whose composition cannot be read is refused when the configuration is', () => {
  const routes = { tone: { variants: [{ name: 'one', weight: 1, composition: 'a + + b' }] } }
  expect(() => defineConfig({ models: {}, plugins: [], routes })).toThrow(
    expect.objectContaining({ code: 'routes_config_invalid', message: expect.stringMatching(/^routes\.tone\.variants\[0\]\.composition: unexpected "\+"/) }),
  )
  expect(() => defineConfig({ models: { small: {} } as never, plugins: [], routes: { tone: { composition: 'small + a' } } })).not.toThrow()
})

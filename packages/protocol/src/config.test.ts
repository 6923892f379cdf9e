import { definePlugin } from '@weft/methods'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { defineConfig } from './config.ts'

const plugin = (id: string) => definePlugin({ id, sites: ['inputsEmbeds'], config: z.object({}), params: () => ({}), encode: () => ({}) })

test('a configuration names each plugin once', () => {
  expect(defineConfig({ models: {}, plugins: [plugin('a'), plugin('b')] }).plugins.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(() => defineConfig({ models: {}, plugins: [plugin('a'), plugin('a')] })).toThrow(expect.objectContaining({ code: 'invalid_plugin' }))
})

test('a plugin that is none is refused, with definePlugin or without', () => {
  const { params: _, ...rest } = plugin('mine')
  expect(() => defineConfig({ models: {}, plugins: [rest as never] })).toThrow(
    expect.objectContaining({ code: 'invalid_plugin', message: 'plugin "mine": its "params" is undefined; expected a function' }),
  )
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
  ['of a base model', { models: { small: { path: 'x' } }, routes: { small: { composition: 'a' } } }, 'routes: "small" is a base model of "models"'],
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

test.each([
  ['a field that there is not', { publsh: {} }, 'publsh: unknown field "publsh"; did you mean "publish"?'],
  ['one of a model', { models: { base: { folder: 'x' } } }, 'models.base.folder: unknown field "folder"; there are "path", "hub"'],
  ['a text for a list', { publish: [{ names: 'my/', maxBytes: 1 }] }, 'publish[0].names: expected a list, got "my/"'],
  ['a gate that names no file', { publish: { evaluate: true } }, 'publish.evaluate: expected an object, got true'],
  ['a number for a file', { publish: [{ interference: { probes: 3 } }] }, 'publish[0].interference.probes: expected a string, got 3'],
  ['a list for an object', { publish: [{ interference: [] }] }, 'publish[0].interference: expected an object'],
  ['a text for rules', { publish: 'x' }, 'publish: expected an object or a list'],
  ['readers that are no list', { tenants: { a: { shares: [{ prefix: 'a/', readers: 'b' }] } } }, 'tenants.a.shares[0].readers: expected a list'],
  ['a runner that is a text', { runners: 'x' }, 'runners: expected a list or an object'],
  ['threads in words', { runner: { threads: '3' } }, 'runner.threads: expected a whole number, got "3"'],
  [
    'a default that no request has',
    { defaults: { sampling: { temprature: 1 } } },
    'defaults.sampling.temprature: unknown field "temprature"; did you mean "temperature"?',
  ],
  [
    'a hyperparameter as the wire spells it',
    { defaults: { hyperparameters: { learning_rate: 1 } } },
    'unknown field "learning_rate"; did you mean "learningRate"?',
  ],
  ['a method by its name', { plugins: ['lora'] }, 'plugins[0]: expected an object, got "lora"'],
  ['no methods', { plugins: undefined }, 'plugins: it is missing; expected a list'],
  ['variants that are no list', { routes: { r: { composition: 'base', variants: {} } } }, 'routes.r.variants: expected a list'],
  ['a route that is missing', { routes: { r: undefined } }, 'routes.r: it is missing; expected an object'],
  ["a route's field as the wire spells it", { routes: { r: { composition: 'base', sticky_header: 'x' } } }, 'did you mean "stickyHeader"?'],
  ["a tenant's bound below any", { tenants: { a: { policy: { maxTokens: -4 } } } }, 'tenants.a.policy.maxTokens: expected a number of at least 1, got -4'],
  ['a pool without a list', { runners: { pools: { p: { urls: 1.5 } } } }, 'runners.pools.p.urls: expected a list, got 1.5'],
  ['a Python that is none', { executors: { l: { kind: 'local', python: [] } } }, 'executors.l.python: expected a string'],
  ['a cover that is no list', { signing: { publish: 'mail/' } }, 'signing.publish: expected true or a list'],
  ['a blank folder', { models: { base: { path: '  ' } } }, 'models.base.path: expected a text, and not a blank one'],
  ['a model that no expression can name', { models: { 'a b+c': { path: 'x' } } }, 'models: "a b+c" is no name that an expression can spell'],
  ['a model in two places', { models: { base: { path: 'a', hub: 'b/c' } } }, 'models.base: "path" and "hub" both say where it is'],
  ['a revision of a folder', { models: { base: { path: 'a', revision: 'main' } } }, 'models.base.revision: it is one of the hub'],
  ['a model that reads as a version', { models: { 'a@2': { path: 'x' } } }, 'models: "a@2" is no name'],
  ['an origin with a path', { origins: ['https://app.example/'] }, 'origins[0]: "https://app.example/" is no origin as browsers send it'],
])('%s is refused when the configuration is read, with the field as it is written', (_, config, message) => {
  expect(() => defineConfig({ models: {}, plugins: [], ...config } as never)).toThrow(
    expect.objectContaining({ code: 'config_invalid', message: expect.stringContaining(message) }),
  )
})

test('what a configuration may say is let through', () => {
  const config = {
    models: { base: { path: './base', precision: 'int8' }, other: { hub: 'a/b', revision: 'main' } },
    plugins: [plugin('own')],
    routes: { tone: { composition: 'base' } },
    tenants: { acme: { suspended: true, shares: [{ prefix: 'a/', readers: ['*'] }] } },
    oidc: { issuer: 'i', audience: 'a', jwksUrl: 'https://i.example/keys', claims: { tenant: 'org' } },
    origins: ['https://app.example', 'http://localhost:3000'],
    publish: [{ maxBytes: 10 }, { names: ['a/'], interference: { worst: 'keeps' }, probes: false }],
    signing: { keys: [], publish: true, load: ['a/'] },
    runner: { device: 'cpu', threads: 2, slots: 8, waiting: 4 },
    executors: { here: { kind: 'local' } },
    storage: { state: '.weft' },
    responses: { retentionDays: 0 },
    defaults: { sampling: { temperature: 0.5 }, hyperparameters: { nEpochs: 2 }, method: 'own' },
  }
  expect(defineConfig(config as never)).toBe(config)
})

import { expect, test } from 'vitest'
import { defineConfig } from '../config.ts'

const config = { models: { base: { path: './base' } }, plugins: [] }

test.each([
  ['tenants', { tenants: { acme: { policy: { strength: { min: 1, max: 0 } } } } }, 'tenants.acme.policy.strength'],
  ['routes', { routes: { orator: { composition: 'base + style/a', policy: { deny: ['style/*'] } } } }, 'routes.orator.composition'],
])('a policy under %s that contradicts itself is refused as the config is read, with its path', (_, more, param) => {
  expect(() => defineConfig({ ...config, ...more })).toThrow(expect.objectContaining({ code: 'policy_contradiction', param }))
})

test('a bound that nothing can meet, or a field that there is not, as well', () => {
  expect(() => defineConfig({ ...config, tenants: { acme: { policy: { concurrency: 0 } } } })).toThrow(
    expect.objectContaining({ code: 'config_invalid', param: 'tenants.acme.policy.concurrency' }),
  )
  const misspelt = { routes: { orator: { composition: 'base', policy: { maxToken: 5 } } } } as object
  expect(() => defineConfig({ ...config, ...misspelt })).toThrow(
    expect.objectContaining({ param: 'routes.orator.policy.maxToken', message: expect.stringContaining('maxTokens') }),
  )
})

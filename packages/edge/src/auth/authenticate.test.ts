import { expect, test } from 'vitest'
import { hashOf } from './api-key.ts'
import { authenticate, bootstrapKey } from './authenticate.ts'
import { knownTenants } from './known-tenants.ts'

const request = (authorization: string | null, { host = '127.0.0.1:8787', peer, tenant }: { host?: string; peer?: string; tenant?: string } = {}): Request =>
  new Request(`http://${host}/v1/models`, {
    headers: { ...(authorization ? { authorization } : {}), ...(peer ? { 'cf-connecting-ip': peer } : {}), ...(tenant ? { 'x-weft-tenant': tenant } : {}) },
  })

const withBootstrap = (options: Parameters<typeof bootstrapKey>[0]) => {
  const ask = authenticate([bootstrapKey(options)], {
    isSuspended: () => false,
    tenants: knownTenants({ isTenant: async (tenant) => tenant === 'stored', tenants: async () => ['stored'] }, ['acme']),
  })
  return (of: Request) => ask(of, () => {})
}
const bootstrap = { tenant: 'default', role: 'admin', id: 'bootstrap', scopes: [], anyTenant: true }

test('the API key is known by its hash, from anywhere', async () => {
  const ask = withBootstrap({ apiKeySha256: await hashOf('secret') })
  await expect(ask(request('Bearer secret', { host: 'weft.example' }))).resolves.toEqual(bootstrap)
  await expect(ask(request('bearer secret'))).resolves.toEqual(bootstrap)
  for (const wrong of [null, 'Bearer', 'Bearer ', 'Bearer secre', 'Bearer secrets', 'Basic secret'])
    await expect(ask(request(wrong))).rejects.toMatchObject({ code: 'invalid_api_key', status: 401 })
})

test('local keys are good on loopback only', async () => {
  const ask = withBootstrap({ localKeys: ['random', 'weft-local'] })
  await expect(ask(request('Bearer random'))).resolves.toEqual(bootstrap)
  await expect(ask(request('Bearer random weft-local'))).rejects.toMatchObject({ code: 'invalid_api_key' })
  for (const host of ['127.0.0.1:8787', 'localhost:8787', '[::1]:8787']) await expect(ask(request('Bearer weft-local', { host }))).resolves.toEqual(bootstrap)
  await expect(ask(request('Bearer weft-local', { peer: '127.0.0.1' }))).resolves.toEqual(bootstrap)
  for (const elsewhere of [{ host: 'weft.example' }, { host: '10.0.0.4:8787' }, { peer: '203.0.113.9' }])
    await expect(ask(request('Bearer weft-local', elsewhere))).rejects.toMatchObject({
      code: 'invalid_api_key',
      message: expect.stringContaining('loopback'),
    })
})

test('an API key replaces the local one, and without either nobody is let in', async () => {
  const replaced = withBootstrap({ localKeys: ['weft-local'], apiKeySha256: await hashOf('secret') })
  await expect(replaced(request('Bearer weft-local'))).rejects.toMatchObject({ code: 'invalid_api_key' })
  await expect(withBootstrap({})(request('Bearer weft-local'))).rejects.toMatchObject({ code: 'invalid_api_key' })
  await expect(withBootstrap({ apiKeySha256: 'not hex' })(request('Bearer x'))).rejects.toMatchObject({ code: 'invalid_api_key' })
})

test('the key that a deployment begins with acts on the tenant that it names', async () => {
  const ask = withBootstrap({ localKeys: ['weft-local'] })
  await expect(ask(request('Bearer weft-local', { tenant: 'acme' }))).resolves.toEqual({ ...bootstrap, tenant: 'acme' })
  await expect(ask(request('Bearer weft-local', { tenant: 'stored' }))).resolves.toMatchObject({ tenant: 'stored' })
  await expect(ask(request('Bearer weft-local', { tenant: 'acne' }))).rejects.toMatchObject({
    ...{ code: 'tenant_not_found', status: 404, param: 'x-weft-tenant', details: { suggestions: ['acme'] } },
    message: expect.stringContaining('did you mean "acme"?'),
  })
  for (const tenant of ['Acme', '-a', 'a/b', 'a'.repeat(64)])
    await expect(ask(request('Bearer weft-local', { tenant }))).rejects.toMatchObject({ code: 'invalid_request', param: 'x-weft-tenant' })
})

import { expect, test } from 'vitest'
import { authenticateByKey } from './authenticate.ts'

const hexSha256 = async (text: string): Promise<string> =>
  [...new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const request = (authorization: string | null, { host = '127.0.0.1:8787', peer }: { host?: string; peer?: string } = {}): Request =>
  new Request(`http://${host}/v1/models`, { headers: { ...(authorization ? { authorization } : {}), ...(peer ? { 'cf-connecting-ip': peer } : {}) } })

test('the API key is known by its hash, from anywhere', async () => {
  const authenticate = authenticateByKey({ apiKeySha256: await hexSha256('secret') })
  await expect(authenticate(request('Bearer secret', { host: 'weft.example' }))).resolves.toMatchObject({ tenant: 'default', role: 'admin', anyTenant: true })
  await expect(authenticate(request('bearer secret'))).resolves.toMatchObject({ tenant: 'default', role: 'admin', anyTenant: true })
  for (const wrong of [null, 'Bearer', 'Bearer ', 'Bearer secre', 'Bearer secrets', 'Basic secret'])
    await expect(authenticate(request(wrong))).rejects.toMatchObject({ code: 'invalid_api_key', status: 401 })
})

test('local keys are good on loopback only', async () => {
  const authenticate = authenticateByKey({ localKeys: ['random', 'weft-local'] })
  await expect(authenticate(request('Bearer random'))).resolves.toMatchObject({ tenant: 'default', role: 'admin', anyTenant: true })
  await expect(authenticate(request('Bearer random weft-local'))).rejects.toMatchObject({ code: 'invalid_api_key' })
  for (const host of ['127.0.0.1:8787', 'localhost:8787', '[::1]:8787'])
    await expect(authenticate(request('Bearer weft-local', { host }))).resolves.toMatchObject({ tenant: 'default', role: 'admin', anyTenant: true })
  await expect(authenticate(request('Bearer weft-local', { peer: '127.0.0.1' }))).resolves.toMatchObject({ tenant: 'default', role: 'admin', anyTenant: true })
  for (const elsewhere of [{ host: 'weft.example' }, { host: '10.0.0.4:8787' }, { peer: '203.0.113.9' }])
    await expect(authenticate(request('Bearer weft-local', elsewhere))).rejects.toMatchObject({
      code: 'invalid_api_key',
      message: expect.stringContaining('loopback'),
    })
})

test('an API key replaces the local one, and without either nobody is let in', async () => {
  const replaced = authenticateByKey({ localKeys: ['weft-local'], apiKeySha256: await hexSha256('secret') })
  await expect(replaced(request('Bearer weft-local'))).rejects.toMatchObject({ code: 'invalid_api_key' })
  await expect(authenticateByKey({})(request('Bearer weft-local'))).rejects.toMatchObject({ code: 'invalid_api_key' })
  await expect(authenticateByKey({ apiKeySha256: 'not hex' })(request('Bearer x'))).rejects.toMatchObject({ code: 'invalid_api_key' })
})

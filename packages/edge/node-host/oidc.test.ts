import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineConfig, type OidcConfig } from '@weft/protocol'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tokens } from '../src/tokens.ts'
import { memoryRoot } from './memory-composition-root.ts'

/** An issuer: a key set on a port, and keys that sign. */
const issuer = 'https://issuer.example/'
const published: object[] = []
const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published })))
let jwksUrl = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
})
afterAll(() => server.close())

async function signer(kid: string, alg = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  published.push({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })
  return (
    claims: JWTPayload = {},
    { expires = '5m', audience = 'weft', from = issuer }: { expires?: string | number; audience?: string; from?: string } = {},
  ) =>
    new SignJWT({ tenant: 'acme', role: 'caller', ...claims })
      .setProtectedHeader({ alg, kid })
      .setSubject('ann')
      .setIssuer(from)
      .setAudience(audience)
      .setExpirationTime(expires)
      .sign(privateKey)
}

const edgeOf = (oidc: Partial<OidcConfig> = {}) => {
  const { container } = memoryRoot(
    defineConfig({
      models: { base: {} },
      plugins: [],
      tenants: { closed: { suspended: true } },
      oidc: { issuer, audience: 'weft', jwksUrl, jwksCooldownSeconds: 0, ...oidc },
    }),
    'http://127.0.0.1:9',
  )
  const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }
  return async (token: string, path = '/v1/routes', init: RequestInit = {}) => {
    const request = new Request(`http://edge${path}`, { ...init, headers: { authorization: `Bearer ${token}` } })
    const response = await container.get(tokens.app).fetch(request, {}, context)
    return { http: response.status, ...((await response.json()) as object) }
  }
}
const refused = (http: number, code: string) => ({ http, error: { code } })

test('a token of the issuer is let in as who it says', async () => {
  const sign = await signer('first')
  const ask = edgeOf()
  expect(await ask(await sign())).toMatchObject({ http: 200 })
  expect(await ask(await sign(), '/v1/keys')).toMatchObject(refused(403, 'role_forbidden'))
  expect(await ask(await sign({ role: 'admin' }), '/v1/keys')).toMatchObject({ http: 200 })
  const put = { method: 'PUT', body: '{"composition": "base"}' }
  expect(await ask(await sign({ role: 'publisher', weft_scopes: 'name/legal/' }), '/v1/routes/other', put)).toMatchObject(refused(403, 'outside_scopes'))
  expect(await ask(await sign({ role: 'publisher', weft_scopes: ['name/legal/'] }), '/v1/routes/legal/one', put)).toMatchObject({ http: 200 })
  const { data } = (await ask(await sign({ role: 'admin' }), '/v1/audit')) as unknown as { data: object[] }
  expect(data).toMatchObject([{ principal: 'token:ann', action: 'route.put', tenant: 'acme' }])
})

test('what is not as it must be is not let in', async () => {
  const sign = await signer('second')
  const stranger = await generateKeyPair('ES256')
  const forged = await new SignJWT({ tenant: 'acme', role: 'admin' })
    .setProtectedHeader({ alg: 'ES256', kid: 'second' })
    .setSubject('eve')
    .setIssuer(issuer)
    .setAudience('weft')
    .setExpirationTime('5m')
    .sign(stranger.privateKey)
  const none = `${btoa('{"alg":"none"}').replace(/=+$/, '')}.${(await sign()).split('.')[1]}.`
  const hmac = await new SignJWT({ tenant: 'acme', role: 'admin' })
    .setProtectedHeader({ alg: 'HS256', kid: 'second' })
    .setSubject('eve')
    .setIssuer(issuer)
    .setAudience('weft')
    .setExpirationTime('5m')
    .sign(new TextEncoder().encode(JSON.stringify(published[0])))
  const now = Math.floor(Date.now() / 1000)
  const ask = edgeOf()
  for (const token of [
    forged,
    none,
    hmac,
    await sign({}, { audience: 'other' }),
    await sign({}, { from: 'https://issuer.example' }),
    await sign({ tenant: undefined }),
    await sign({ tenant: 'No Tenant' }),
    await sign({ role: 'root' }),
    await sign({ weft_scopes: ['anything'] }),
    await sign({ weft_scopes: [] }),
    await sign({ weft_scopes: ' ' }),
    await sign({ nbf: now + 3600 }),
  ])
    expect(await ask(token)).toMatchObject(refused(401, 'invalid_token'))
  expect(await ask(await sign({}, { expires: now - 31 }))).toMatchObject(refused(401, 'token_expired'))
  // Within the clock's tolerance.
  expect(await ask(await sign({}, { expires: now - 5 }))).toMatchObject({ http: 200 })
  expect(await ask(await sign({ tenant: 'closed' }))).toMatchObject(refused(403, 'tenant_suspended'))
  expect(await ask('a.b')).toMatchObject(refused(401, 'invalid_api_key'))
})

test('an issuer changes its keys, and an algorithm must be one that is let through', async () => {
  const before = await signer('old')
  const ask = edgeOf()
  expect(await ask(await before())).toMatchObject({ http: 200 })
  const after = await signer('new', 'RS256')
  expect(await ask(await after())).toMatchObject({ http: 200 })
  published.splice(0, published.length - 1)
  expect(await edgeOf()(await before())).toMatchObject(refused(401, 'invalid_token'))
  expect(await edgeOf({ algorithms: ['EdDSA'] })(await after())).toMatchObject(refused(401, 'invalid_token'))
})

test('a token that names none of several keys, or one that is too short, is refused for good, and not for a moment', async () => {
  const body = (fields: object): string => Buffer.from(JSON.stringify(fields)).toString('base64url')
  const claims = { tenant: 'acme', role: 'caller', sub: 'ann', iss: issuer, aud: 'weft', exp: Math.floor(Date.now() / 1000) + 300 }
  const by = (modulusLength: number, header: object) => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength })
    const said = `${body({ alg: 'RS256', ...header })}.${body(claims)}`
    return { jwk: publicKey.export({ format: 'jwk' }), token: `${said}.${createSign('sha256').update(said).sign(privateKey, 'base64url')}` }
  }
  const [unnamed, short] = [by(2048, {}), by(1024, { kid: 'short' })]
  published.push({ ...unnamed.jwk, alg: 'RS256', kid: 'one' }, { ...short.jwk, alg: 'RS256', kid: 'short' })
  const ask = edgeOf()
  for (const [{ token }, why] of [
    [unnamed, '"kid"'],
    [short, 'cannot verify it'],
  ] as const)
    expect(await ask(token)).toMatchObject({ http: 401, error: { code: 'invalid_token', message: expect.stringContaining(why) } })
})

test('claims have the names that the deployment says; an issuer that is away is waited for', async () => {
  const sign = await signer('claims')
  expect(await edgeOf({ claims: { tenant: 'org', role: 'job' } })(await sign({ org: 'acme', job: 'admin' }), '/v1/keys')).toMatchObject({ http: 200 })
  expect(await edgeOf({ jwksUrl: 'http://127.0.0.1:9/jwks' })(await sign())).toMatchObject(refused(503, 'issuer_unavailable'))
})

test('a configuration that could trust nobody, or anybody, is refused', () => {
  for (const oidc of [{ algorithms: ['HS256'] }, { algorithms: ['none'] }, { algorithms: [] }, { jwksUrl: 'nowhere' }, { issuer: '' }])
    expect(() => edgeOf(oidc)).toThrow(expect.objectContaining({ code: 'tenants_config_invalid' }))
})

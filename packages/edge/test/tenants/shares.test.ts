import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { adapterFile, edge, json, post, publish } from '../edge.ts'

const create = (body: object) => json(post('/v1/keys', body))
/** @param secret whose; the local key's, an operator's, without one */
const share = (reader: string, secret?: string) =>
  json(
    edge('/v1/shares', {
      method: 'PUT',
      body: JSON.stringify({ prefix: 'gift/', reader }),
      ...(secret === undefined ? {} : { headers: { authorization: `Bearer ${secret}` } }),
    }),
  )

test('an operator hears that there is no tenant to share with, until there is one; a tenant hears nothing of others', async () => {
  expect(await share('not-yet')).toMatchObject({ http: 200, reader: 'not-yet', reader_known: false })
  expect(await share('*')).toMatchObject({ reader_known: true })
  await create({ tenant: 'not-yet', role: 'caller', new_tenant: true })
  const { data } = await json(edge('/v1/shares'))
  expect(data).toContainEqual({ object: 'share', owner: 'default', prefix: 'gift/', reader: 'not-yet', reader_known: true })

  const { secret } = await create({ tenant: 'not-yet', role: 'admin' })
  const answers = ['acme', 'nobody-at-all'].map((reader) => share(reader, secret))
  for (const answer of await Promise.all(answers)) expect(answer).not.toHaveProperty('reader_known')
})

test('what others come to share under the name of a route keeps nobody from changing that', async () => {
  const { secret } = await create({ tenant: 'with-route', role: 'admin', new_tenant: true })
  const put = (name: string, composition: string) =>
    json(edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify({ composition }), headers: { authorization: `Bearer ${secret}` } }))
  expect(await put('gift/mine', 'base')).toMatchObject({ http: 200, version: 1 })
  await publish('gift/mine', await adapterFile())
  await publish('gift/theirs', await adapterFile())
  await share('*')
  expect(await put('gift/mine', 'base + "Hello."')).toMatchObject({ http: 200, version: 2 })
  expect(await put('gift/theirs', 'base')).toMatchObject({ http: 409, error: { code: 'name_taken' } })
})

test('of two who share one name, the versions and the aliases are those of the first, though all of its are candidates', async () => {
  const as = (secret: string, path: string, init: RequestInit = {}) => json(edge(path, { ...init, headers: { authorization: `Bearer ${secret}` } }))
  const admin = async (tenant: string): Promise<string> => (await create({ tenant, role: 'admin', new_tenant: true })).secret
  const [first, second, reader] = [await admin('both-a'), await admin('both-b'), await admin('both-reader')]
  for (const [secret, value] of [
    [first, 1],
    [second, 2],
  ] as const) {
    await as(secret, '/v1/adapters?name=both/x', { method: 'POST', body: await adapterFile({ value }) })
    await as(secret, '/v1/shares', { method: 'PUT', body: JSON.stringify({ prefix: 'both/', reader: 'both-reader' }) })
  }
  await as(second, '/v1/adapters/both/x/aliases/prod', { method: 'PUT', body: JSON.stringify({ version: 1 }) })
  await env.DB.prepare("UPDATE adapter_versions SET candidate = 1 WHERE tenant = 'both-a'").run()

  expect(await as(reader, '/v1/adapters/both/x@1')).toMatchObject({ http: 200, shared_by: 'both-a' })
  expect(await as(reader, '/v1/adapters/both/x/aliases')).toMatchObject({ http: 200, data: [] })
  expect(await as(reader, '/v1/adapters/both/x/aliases/prod')).toMatchObject({ http: 404, error: { code: 'adapter_alias_not_found' } })
  const { data } = await as(reader, '/v1/models')
  expect(data.map(({ id }: { id: string }) => id).filter((id: string) => id.startsWith('both/'))).toEqual(['both/x@1'])
})

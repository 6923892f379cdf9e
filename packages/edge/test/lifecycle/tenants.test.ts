import { env, exports } from 'cloudflare:workers'
import { newSigningKey } from '@weft/adapters'
import { beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, json, post, script } from '../edge.ts'

beforeEach(() => script())

const keyOf = async (tenant: string, role = 'admin'): Promise<string> => (await json(post('/v1/keys', { tenant, role }))).secret
const as = (secret: string, path: string, init: RequestInit = {}) =>
  json(edge(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${secret}` } }))
const send = (secret: string, method: string, path: string, body: object = {}) => as(secret, path, { method, body: JSON.stringify(body) })
const publish = async (secret: string, name: string, value: number) =>
  json(
    exports.default.fetch(
      new Request(`http://127.0.0.1:8787/v1/adapters?name=${name}`, {
        method: 'POST',
        body: await adapterFile({ value }),
        headers: { authorization: `Bearer ${secret}` },
      }),
    ),
  )

test('every change to an adapter, its aliases and its keys is in the audit log, with what was there before', async () => {
  const secret = await keyOf('audited')
  const [one, two] = [(await publish(secret, 'log/a', 0.1)).digest, (await publish(secret, 'log/a', 0.2)).digest]
  await send(secret, 'PUT', '/v1/adapters/log/a/aliases/prod', { version: 1 })
  await send(secret, 'PUT', '/v1/adapters/log/a/aliases/prod', { version: 2 })
  await send(secret, 'PUT', '/v1/adapters/log/a/aliases/prod', { version: 1, expected: 1 })
  await send(secret, 'POST', '/v1/adapters/log/a/rollback')
  await as(secret, '/v1/adapters/log/a/aliases/prod', { method: 'DELETE' })
  const { keyId } = await newSigningKey()
  await send(secret, 'PUT', `/v1/signing_keys/${keyId}`)
  await as(secret, `/v1/signing_keys/${keyId}`, { method: 'DELETE' })
  await publish(secret, 'log/a', 0.3)
  await env.DB.prepare("UPDATE adapter_versions SET created_at = 1 WHERE tenant = 'audited'").run()
  expect((await send(secret, 'POST', '/v1/gc', { grace_seconds: 0, keep: 1 })).removed).toMatchObject([
    { id: 'log/a@2' },
    { id: 'log/a@1' },
    { kind: 'blob' },
    { kind: 'blob' },
  ])
  const { data } = await as(secret, '/v1/audit')
  const entries = data.toReversed().map(({ action, target, before, after }: Record<string, string | null>) => [action, target, before, after])
  expect(entries).toEqual([
    ['key.create', expect.any(String), null, null],
    ['adapter.publish', 'log/a@1', null, one],
    ['adapter.publish', 'log/a@2', one, two],
    ['alias.set', 'log/a@prod', null, one],
    ['alias.set', 'log/a@prod', one, two],
    ['alias.set', 'log/a@latest', two, one],
    ['alias.delete', 'log/a@prod', two, null],
    ['signing_key.put', keyId, null, null],
    ['signing_key.delete', keyId, null, null],
    ['adapter.publish', 'log/a@3', one, expect.any(String)],
    ['adapter.delete', 'log/a@2', two, null],
    ['adapter.delete', 'log/a@1', one, null],
  ])
})

test("a shared name's aliases are its owner's to move; what is shared is not collected", async () => {
  const [owner, reader] = [await keyOf('owner'), await keyOf('reader')]
  const digests: string[] = []
  for (const value of [0.4, 0.5, 0.6]) digests.push((await publish(owner, 'open/a', value)).digest)
  await send(owner, 'PUT', '/v1/adapters/open/a/aliases/prod', { version: 2 })
  expect(await send(reader, 'POST', '/v1/compositions/explain', { model: 'open/a@prod' })).toMatchObject({ http: 404 })
  await send(owner, 'PUT', '/v1/shares', { prefix: 'open/', reader: 'reader' })
  expect((await send(reader, 'POST', '/v1/compositions/explain', { model: 'open/a@prod + open/a' })).references).toMatchObject([
    { alias: 'prod', version: 2, digest: digests[1] },
    { alias: 'latest', version: 3 },
  ])
  expect((await as(reader, '/v1/adapters/open/a/aliases')).data.map(({ id }: { id: string }) => id)).toEqual(['open/a@latest', 'open/a@prod'])
  const models = (await as(reader, '/v1/models')).data.map(({ id }: { id: string }) => id)
  expect(models).toEqual(expect.arrayContaining(['open/a', 'open/a@prod', 'open/a@1']))
  for (const [method, path, body] of [
    ['PUT', '/v1/adapters/open/a/aliases/mine', { version: 1 }],
    ['POST', '/v1/adapters/open/a/rollback', { to: 1 }],
  ] as const)
    expect(await send(reader, method, path, body)).toMatchObject({ http: 403, error: { code: 'adapter_is_shared' } })
  await env.DB.prepare("UPDATE adapter_versions SET created_at = 1 WHERE tenant = 'owner'").run()
  const dry = await send(owner, 'POST', '/v1/gc', { grace_seconds: 0, keep: 1, dry_run: true })
  expect(dry.removed).toEqual([])
  expect(dry.kept.find(({ id }: { id: string }) => id === 'open/a@1').because).toEqual(['the tenant "reader" may use it: it is shared'])
  // What another tenant collects does not reach what is shared with it.
  expect((await send(reader, 'POST', '/v1/gc', { grace_seconds: 0, keep: 1, dry_run: true })).kept).toEqual([])
})

test('only an admin collects garbage and trusts keys; a trainer reads', async () => {
  const trainer = await keyOf('roles', 'trainer')
  for (const [method, path] of [
    ['POST', '/v1/gc'],
    ['PUT', `/v1/signing_keys/${(await newSigningKey()).keyId}`],
    ['PUT', '/v1/adapters/x/aliases/prod'],
    ['POST', '/v1/adapters/x/rollback'],
    ['POST', '/v1/adapters/x@1/gate'],
  ] as const)
    expect(await send(trainer, method, path, { version: 1 }), path).toMatchObject({ http: 403, error: { code: 'role_forbidden' } })
  expect(await as(trainer, '/v1/signing_keys')).toMatchObject({ http: 200 })
})

import { env, exports } from 'cloudflare:workers'
import { beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, script, until } from '../edge.ts'

beforeEach(() => script())

const create = (body: object, init: RequestInit = {}) => json(post('/v1/keys', body, init))
/** With another key than the local one. */
const as = (secret: string, path: string, init: RequestInit = {}) =>
  json(edge(path, { ...init, headers: { ...init.headers, authorization: `Bearer ${secret}` } }))
const asked = (secret: string, path: string, body: unknown) => as(secret, path, { method: 'POST', body: JSON.stringify(body) })

test('a key is created, lets its tenant in, is listed without its secret, and is revoked', async () => {
  const made = await create({ tenant: 'acme', role: 'admin', name: 'first' })
  expect(made).toMatchObject({ http: 201, object: 'key', tenant: 'acme', role: 'admin', name: 'first', scopes: [], expires_at: null })
  expect(made.secret).toMatch(/^weft_[a-z0-5]{16}_[\w-]{43}$/)
  expect(made.secret).toContain(made.id.replace('key-', ''))
  expect(await as(made.secret, '/v1/models')).toMatchObject({ http: 200 })
  const listed = await as(made.secret, '/v1/keys')
  expect(listed.data.map(({ id }: { id: string }) => id)).toEqual([made.id])
  expect(JSON.stringify(listed)).not.toContain(made.secret)
  expect(JSON.stringify(listed)).not.toMatch(/hash/)
  const { results } = await env.DB.prepare('SELECT * FROM keys').all()
  expect(JSON.stringify(results)).not.toContain(made.secret)
  expect((await json(edge('/v1/keys'))).data).toEqual([])
  expect(await as(made.secret, `/v1/keys/${made.id}`, { method: 'DELETE' })).toMatchObject({ http: 200, deleted: true })
  // At once: it was let in a moment ago, and this is the edge that revoked it.
  expect(await as(made.secret, '/v1/models')).toMatchObject({ http: 401, error: { code: 'api_key_revoked' } })
})

test('a key that is rotated without a grace ends at once', async () => {
  const { id, secret } = await create({ tenant: 'acme', role: 'caller' })
  expect(await as(secret, '/v1/models')).toMatchObject({ http: 200 })
  expect(await json(edge(`/v1/keys/${id}/rotate`, { method: 'POST', headers: { 'x-weft-tenant': 'acme' } }))).toMatchObject({ http: 201 })
  expect(await as(secret, '/v1/models')).toMatchObject({ http: 401, error: { code: 'api_key_expired' } })
})

test('a key of another tenant is not found, and whoever may act on that one is told how', async () => {
  const acme = await create({ tenant: 'acme', role: 'admin' })
  const other = await create({ tenant: 'two', role: 'admin' })
  const revoke = (id: string, init: RequestInit = {}) => json(edge(`/v1/keys/${id}`, { ...init, method: 'DELETE' }))
  const told = await revoke(acme.id)
  expect(told).toMatchObject({ http: 404, error: { code: 'key_not_found', param: 'id' } })
  expect(told.error.message).toMatch(/in the tenant "default"\. .*--tenant NAME, or the header x-weft-tenant/)
  // Whether the key is anybody's is not told.
  const none = 'key-aaaaaaaaaaaaaaaa'
  expect((await revoke(none)).error.message).toBe(told.error.message.replace(acme.id, none))
  const refused = await as(other.secret, `/v1/keys/${acme.id}`, { method: 'DELETE' })
  expect(refused).toMatchObject({ http: 404, error: { code: 'key_not_found', message: `There is no key "${acme.id}".` } })
  expect(await as(acme.secret, '/v1/models')).toMatchObject({ http: 200 })
  expect(await revoke(acme.id, { headers: { 'x-weft-tenant': 'acme' } })).toMatchObject({ http: 200, deleted: true })
})

test('what is nearly a secret is none', async () => {
  const { secret } = await create({ tenant: 'acme', role: 'caller' })
  const wrong = secret.endsWith('A') ? `${secret.slice(0, -1)}B` : `${secret.slice(0, -1)}A`
  for (const given of [wrong, secret.slice(0, -1), `${secret}A`, secret.replace(/_[a-z0-5]{16}_/, '_aaaaaaaaaaaaaaaa_'), 'weft_'])
    expect(await as(given, '/v1/models')).toMatchObject({ http: 401, error: { code: 'invalid_api_key' } })
})

test('an expired key says so; rotation leaves the old one a while', async () => {
  const { id, secret } = await create({ tenant: 'acme', role: 'caller', expires_in: 3600, scopes: ['name/legal/'] })
  const rotated = await json(post(`/v1/keys/${id}/rotate`, { grace: 60 }, { headers: { 'x-weft-tenant': 'acme' } }))
  expect(rotated).toMatchObject({ http: 201, tenant: 'acme', role: 'caller', scopes: ['name/legal/'] })
  expect(rotated.expires_at - rotated.created_at).toBe(3600)
  for (const each of [secret, rotated.secret]) expect(await as(each, '/v1/models')).toMatchObject({ http: 200 })
  expect(await json(post(`/v1/keys/${id}/rotate`, {}, { headers: { 'x-weft-tenant': 'acme' } }))).toMatchObject({ http: 409, error: { code: 'key_is_spent' } })
  await env.DB.prepare('UPDATE keys SET expires_at = 1 WHERE id = ?').bind(rotated.id).run()
  await new Promise((resolve) => setTimeout(resolve, 2100))
  expect(await as(rotated.secret, '/v1/models')).toMatchObject({ http: 401, error: { code: 'api_key_expired' } })
  const held = await json(edge(`/v1/keys/${id}`, { headers: { 'x-weft-tenant': 'acme' } }))
  expect(held).toMatchObject({ rotated_to: rotated.id, used_at: expect.any(Number) })
  const other = await create({ tenant: 'acme', role: 'caller', scopes: ['name/legal/'] })
  const bare = await json(edge(`/v1/keys/${other.id}/rotate`, { method: 'POST', headers: { 'x-weft-tenant': 'acme' } }))
  expect(bare).toMatchObject({ http: 201, scopes: ['name/legal/'] })
  expect(await as(bare.secret, '/v1/models')).toMatchObject({ http: 200 })
})

test('one name in two tenants is two things, and nothing of the other is seen', async () => {
  const [one, two] = [(await create({ tenant: 'one', role: 'admin' })).secret, (await create({ tenant: 'two', role: 'admin' })).secret]
  const put = async (secret: string, value: number, name = 'style/same') =>
    json(
      exports.default.fetch(
        new Request(`http://127.0.0.1:8787/v1/adapters?name=${name}`, {
          method: 'POST',
          body: await adapterFile({ value }),
          headers: { authorization: `Bearer ${secret}` },
        }),
      ),
    )
  const [first, second] = [await put(one, 0.31), await put(two, 0.32)]
  expect([first.id, second.id]).toEqual(['style/same@1', 'style/same@1'])
  expect(first.digest).not.toBe(second.digest)
  await put(two, 0.33, 'style/hidden')
  const explained = await asked(one, '/v1/compositions/explain', { model: 'style/same' })
  expect(explained.canonical).toContain(first.digest)
  for (const model of ['style/hiden', 'style/hidden', `style/same@${second.digest}`])
    expect(JSON.stringify(await asked(one, '/v1/compositions/explain', { model }))).not.toMatch(
      model === 'style/hidden' ? /did you mean|"style\/hidden@/ : /style\/hidden/,
    )
  expect((await as(one, '/v1/models')).data.map(({ id }: { id: string }) => id)).toEqual(['base', 'style/same', 'style/same@1'])
  expect((await json(edge('/v1/adapters'))).data).toEqual([])
  // The same bytes in two tenants are two files and two compositions.
  await put(one, 0.33, 'style/hidden')
  const keys = await Promise.all([one, two].map(async (secret) => (await asked(secret, '/v1/compositions/explain', { model: 'style/hidden' })).key))
  expect(keys[0]).not.toBe(keys[1])
  await as(one, '/v1/adapters/style/hidden', { method: 'DELETE' })
  expect((await asked(two, '/v1/compositions/explain', { model: 'style/hidden' })).http).toBe(200)
})

test('a key cannot name another tenant, whether it exists or not', async () => {
  const { secret } = await create({ tenant: 'one', role: 'admin' })
  const answers = await Promise.all(['two', 'nobody-at-all'].map((tenant) => as(secret, '/v1/models', { headers: { 'x-weft-tenant': tenant } })))
  expect(answers[0]).toEqual(answers[1])
  expect(answers[0]).toMatchObject({ http: 403, error: { code: 'tenant_forbidden' } })
  expect(await asked(secret, '/v1/keys', { tenant: 'two', role: 'caller' })).toMatchObject({
    http: 403,
    error: { code: 'tenant_forbidden', param: 'tenant', message: expect.stringContaining('Leave tenant out') },
  })
})

test('a slip in a tenant’s name begins no tenant; one begins where that is said, and once', async () => {
  const unknown = (param: string) => ({ http: 404, error: { code: 'tenant_not_found', param, details: { suggestions: ['newcomer'] } } })
  expect(await create({ tenant: 'newcomer', role: 'admin' })).toMatchObject({ http: 404, error: { code: 'tenant_not_found', param: 'tenant' } })
  expect(await create({ tenant: 'newcomer', role: 'admin', new_tenant: true })).toMatchObject({ http: 201, tenant: 'newcomer' })
  expect(await create({ tenant: 'newcomer', role: 'caller' })).toMatchObject({ http: 201 })
  expect(await create({ tenant: 'newcomer', role: 'admin', new_tenant: true })).toMatchObject({ http: 409, error: { code: 'tenant_exists' } })
  expect(await create({ role: 'admin', new_tenant: true })).toMatchObject({ http: 400, error: { param: 'tenant' } })
  expect(await create({ tenant: 'newcomr', role: 'caller' })).toMatchObject(unknown('tenant'))
  // Nor does anything else that an operator does under a wrong name.
  const slip = { headers: { 'x-weft-tenant': 'newcomr' } }
  expect(await json(post('/v1/keys', { role: 'caller' }, slip))).toMatchObject(unknown('x-weft-tenant'))
  expect(await json(edge('/v1/routes/slipped', { method: 'PUT', body: '{"composition": "base"}', ...slip }))).toMatchObject(unknown('x-weft-tenant'))
  expect(
    (await env.DB.prepare("SELECT tenant FROM keys WHERE tenant = 'newcomr' UNION SELECT tenant FROM routes WHERE tenant = 'newcomr'").all()).results,
  ).toEqual([])
})

test('scopes: only what they name is there', async () => {
  for (const name of ['legal/contracts', 'style/loud']) await publish(name, await adapterFile({ value: name.length / 100 }))
  await edge('/v1/routes/loud-route', { method: 'PUT', body: JSON.stringify({ composition: 'base + style/loud' }) })
  const caller = (await create({ role: 'caller', scopes: ['name/legal/', 'route/loud-route'] })).secret
  const explain = (model: string) => asked(caller, '/v1/compositions/explain', { model })
  expect(await explain('legal/contracts')).toMatchObject({ http: 200 })
  expect(await explain('style/loud')).toMatchObject({ http: 404 })
  expect(JSON.stringify(await explain('style/loudd'))).not.toContain('"style/loud"')
  // The route itself may be called, though what it composes may not be named.
  expect(await explain('loud-route')).toMatchObject({ http: 200, route: 'loud-route' })
  await script(generated())
  expect(await asked(caller, '/v1/completions', { model: 'loud-route', prompt: 'a' })).toMatchObject({ http: 200 })
  expect((await as(caller, '/v1/models')).data.map(({ id }: { id: string }) => id)).toEqual(['base', 'loud-route', 'legal/contracts', 'legal/contracts@1'])
  const publisher = (await create({ role: 'publisher', scopes: ['name/legal/'] })).secret
  const file = await adapterFile({ value: 0.9 })
  const put = (name: string) => as(publisher, `/v1/adapters?name=${name}`, { method: 'POST', body: file })
  expect(await put('legal/new')).toMatchObject({ http: 201 })
  expect(await put('style/loud')).toMatchObject({ http: 403, error: { code: 'outside_scopes' } })
  expect(await put('style/none')).toMatchObject({ http: 403, error: { code: 'outside_scopes' } })
  const onlyModel = (await create({ role: 'caller', scopes: ['model/other'] })).secret
  expect(await asked(onlyModel, '/v1/compositions/explain', { model: 'base' })).toMatchObject({ http: 404, error: { code: 'model_not_found' } })
})

test('nobody gives away more than they have', async () => {
  const scoped = (await create({ tenant: 'one', role: 'admin', scopes: ['name/legal/', 'model/base'] })).secret
  for (const scopes of [[], ['name/'], ['name/legal/'], ['name/le', 'model/base'], ['name/legal/', 'model/other']])
    expect(await asked(scoped, '/v1/keys', { role: 'caller', scopes })).toMatchObject({ http: [403, 400][Number(scopes.includes('name/'))] })
  expect(await asked(scoped, '/v1/keys', { role: 'caller', scopes: ['name/legal/contracts', 'model/base'] })).toMatchObject({ http: 201 })
})

test("a key that reaches further than one's own is not there: not to be seen, revoked or rotated", async () => {
  const wide = await create({ tenant: 'two', role: 'admin' })
  const other = await create({ tenant: 'two', role: 'caller', scopes: ['name/sales/'] })
  const scoped = await create({ tenant: 'two', role: 'admin', scopes: ['name/legal/'] })
  const own = await create({ tenant: 'two', role: 'caller', scopes: ['name/legal/contracts'] })
  for (const { id } of [wide, other]) {
    expect(await as(scoped.secret, `/v1/keys/${id}`)).toMatchObject({ http: 404 })
    expect(await as(scoped.secret, `/v1/keys/${id}`, { method: 'DELETE' })).toMatchObject({ http: 404 })
    expect(await asked(scoped.secret, `/v1/keys/${id}/rotate`, {})).toMatchObject({ http: 404 })
  }
  expect((await as(scoped.secret, '/v1/keys')).data.map(({ id }: { id: string }) => id).sort()).toEqual([scoped.id, own.id].sort())
  const first = await as(scoped.secret, '/v1/keys?limit=1')
  expect(first).toMatchObject({ has_more: true, data: [{}] })
  expect(await as(scoped.secret, `/v1/keys?limit=1&after=${first.data[0].id}`)).toMatchObject({ has_more: false, data: [{}] })
  expect(await as(wide.secret, '/v1/keys')).toMatchObject({ http: 200 })
  expect(await as(scoped.secret, `/v1/keys/${own.id}`, { method: 'DELETE' })).toMatchObject({ http: 200 })
})

test('what works on a whole tenant asks for a key without scopes', async () => {
  const { secret } = await create({ role: 'admin', scopes: ['name/legal/'] })
  for (const answer of [await as(secret, '/v1/audit'), await asked(secret, '/v1/gc', { dry_run: true })])
    expect(answer).toMatchObject({ http: 403, error: { code: 'outside_scopes' } })
})

test('a share is read under the same name, is not written, and ends', async () => {
  const [owner, reader] = [(await create({ tenant: 'owner', role: 'admin' })).secret, (await create({ tenant: 'reader', role: 'admin' })).secret]
  const put = async (secret: string, name: string, value: number) =>
    as(secret, `/v1/adapters?name=${name}`, { method: 'POST', body: await adapterFile({ value }) })
  const { digest } = await put(owner, 'style/shared', 0.41)
  await put(owner, 'secret/own', 0.42)
  const share = (method: string) =>
    method === 'PUT'
      ? as(owner, '/v1/shares', { method, body: JSON.stringify({ prefix: 'style/', reader: 'reader' }) })
      : as(owner, '/v1/shares?prefix=style/&reader=reader', { method })
  expect(await asked(reader, '/v1/compositions/explain', { model: 'style/shared' })).toMatchObject({ http: 404 })
  expect(await share('PUT')).toMatchObject({ http: 200, owner: 'owner' })
  expect((await asked(reader, '/v1/compositions/explain', { model: 'base + style/shared' })).canonical).toContain(digest)
  expect(await as(reader, '/v1/adapters/style/shared')).toMatchObject({ id: 'style/shared@1', shared_by: 'owner' })
  expect((await edge('/v1/adapters/style/shared/content', { headers: { authorization: `Bearer ${reader}` } })).status).toBe(200)
  expect((await as(reader, '/v1/adapters')).data.map(({ id }: { id: string }) => id)).toEqual(['style/shared@1'])
  expect(await as(reader, '/v1/adapters/secret/own')).toMatchObject({ http: 404 })
  expect(await as(reader, '/v1/adapters/style/shared', { method: 'DELETE' })).toMatchObject({ http: 403, error: { code: 'adapter_is_shared' } })
  const readOnly = { http: 403, error: { code: 'adapter_is_shared' } }
  expect(await asked(reader, '/v1/adapters/style/shared/rollback', { to: 1 })).toMatchObject(readOnly)
  expect(await as(reader, '/v1/adapters/style/shared@1/gate', { method: 'POST' })).toMatchObject(readOnly)
  // A name of one's own covers the shared one, with all its versions.
  const own = await put(reader, 'style/shared', 0.43)
  expect(own.id).toBe('style/shared@1')
  expect((await asked(reader, '/v1/compositions/explain', { model: 'style/shared' })).canonical).toContain(own.digest)
  expect((await asked(owner, '/v1/compositions/explain', { model: 'style/shared' })).canonical).toContain(digest)
  await as(reader, '/v1/adapters/style/shared', { method: 'DELETE' })
  expect((await asked(reader, '/v1/compositions/explain', { model: 'style/shared' })).canonical).toContain(digest)
  expect(await share('DELETE')).toMatchObject({ http: 200 })
  expect(await asked(reader, '/v1/compositions/explain', { model: 'style/shared' })).toMatchObject({ http: 404 })
})

test('every change is in the audit log of its tenant, which nobody changes', async () => {
  const { id, secret } = await create({ tenant: 'audited', role: 'admin' })
  const published = await as(secret, '/v1/adapters?name=style/a', { method: 'POST', body: await adapterFile({ value: 0.51 }) })
  await as(secret, '/v1/routes/r', { method: 'PUT', body: '{"composition": "base + style/a"}', headers: { 'x-request-id': 'of-the-route' } })
  await as(secret, '/v1/adapters/style/a@1?force=true', { method: 'DELETE' })
  const { data } = await as(secret, '/v1/audit')
  expect(data).toMatchObject([
    { id: 'audit-4', action: 'adapter.force_delete', target: 'style/a@1', before: published.digest, after: null },
    { id: 'audit-3', action: 'route.put', target: 'r v1', before: null, after: expect.stringMatching(/^sha256:/), principal: id, request_id: 'of-the-route' },
    { id: 'audit-2', action: 'adapter.publish', target: 'style/a@1', before: null, after: published.digest },
    { id: 'audit-1', action: 'key.create', target: id, principal: 'bootstrap' },
  ])
  expect((await as(secret, '/v1/audit?limit=1&after=audit-3')).data).toMatchObject([{ id: 'audit-2' }])
  for (const statement of ["UPDATE audit SET action = 'x'", 'DELETE FROM audit']) await expect(env.DB.prepare(statement).run()).rejects.toThrow(/append-only/)
})

test('what a revoked key began, and has not ended, is cancelled with it: its own and that of keys whose place it took', async () => {
  const other = await create({ tenant: 'one', role: 'admin' })
  const first = await create({ tenant: 'one', role: 'trainer' })
  const upload = async (secret: string, purpose: string, content: string) => {
    const body = new FormData()
    body.set('purpose', purpose)
    body.set('file', new File([content], 'a.jsonl'))
    return (await as(secret, '/v1/files', { method: 'POST', body })).id
  }
  // A runner that has no room: jobs and batches wait.
  await script({ on: 'GET /health', status: 503, json: { error: { code: 'runner_unavailable', message: 'busy' } }, times: 0 })
  const job = async (secret: string) =>
    (await asked(secret, '/v1/fine_tuning/jobs', { model: 'base', training_file: await upload(secret, 'fine-tune', '{"text": "a"}\n'), suffix: 'style/begun' }))
      .id
  const line = '{"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": {"model": "base", "prompt": "a"}}\n'
  const batch = async (secret: string) =>
    (
      await asked(secret, '/v1/batches', {
        ...{ input_file_id: await upload(secret, 'batch', line), endpoint: '/v1/completions', completion_window: '24h' },
      })
    ).id
  const [before, theirs] = [await job(first.secret), [await job(other.secret), await batch(other.secret)]]
  const second = await asked(other.secret, `/v1/keys/${first.id}/rotate`, { grace: 60 })
  const after = await batch(second.secret)
  const statusOf = async (id: string) => (await as(other.secret, id.startsWith('batch') ? `/v1/batches/${id}` : `/v1/fine_tuning/jobs/${id}`)).status
  expect(await as(other.secret, `/v1/keys/${second.id}`, { method: 'DELETE' })).toMatchObject({ http: 200, deleted: true, cancelled: [before, after] })
  for (const id of [before, after]) await until(async () => (await statusOf(id)) === 'cancelled')
  for (const id of theirs) expect(await statusOf(id)).not.toMatch(/cancel/)
  expect((await as(other.secret, '/v1/audit?limit=3')).data).toMatchObject([
    { action: 'batch.cancel', target: after, principal: other.id },
    { action: 'job.cancel', target: before, principal: other.id },
    { action: 'key.revoke', target: second.id, principal: other.id },
  ])
  // What came with a key that was revoked a moment before, and that another isolate still let in, stops by itself.
  await env.DB.prepare('UPDATE keys SET revoked_at = 1 WHERE id = ?').bind(other.id).run()
  for (const id of theirs) {
    const table = id.startsWith('batch') ? 'batches' : 'jobs'
    const read = () => env.DB.prepare(`SELECT status FROM ${table} WHERE id = ?`).bind(id).first<string>('status')
    await until(async () => (await read()) === 'cancelled', 400)
  }
}, 40_000)

test('who is not to train handles the files of batches and sees no others', async () => {
  const trainer = (await create({ tenant: 'filing', role: 'trainer' })).secret
  const caller = (await create({ tenant: 'filing', role: 'caller' })).secret
  const upload = (secret: string, purpose: string, content: string) => {
    const body = new FormData()
    body.set('purpose', purpose)
    body.set('file', new File([content], 'a.jsonl'))
    return as(secret, '/v1/files', { method: 'POST', body })
  }
  const training = await upload(trainer, 'fine-tune', '{"text": "a"}\n')
  const batch = await upload(caller, 'batch', '{"custom_id": "a", "method": "POST", "url": "/v1/completions", "body": {"model": "base", "prompt": "a"}}\n')
  expect([training.http, batch.http]).toEqual([200, 200])
  expect(await upload(caller, 'fine-tune', '{"text": "a"}\n')).toMatchObject({ http: 403, error: { code: 'role_forbidden', param: 'purpose' } })
  expect((await as(caller, '/v1/files?limit=1')).data.map(({ id }: { id: string }) => id)).toEqual([batch.id])
  for (const path of [`/v1/files/${training.id}`, `/v1/files/${training.id}/content`]) expect(await as(caller, path)).toMatchObject({ http: 404 })
  expect(await as(caller, `/v1/files/${training.id}`, { method: 'DELETE' })).toMatchObject({ http: 404 })
  expect((await as(trainer, '/v1/files')).data).toHaveLength(2)
})

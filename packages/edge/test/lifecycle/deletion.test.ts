import { beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, refusal, script, seen, until } from '../edge.ts'

beforeEach(() => script())

const versions = async (name: string, count: number) => {
  for (let n = 1; n <= count; n++) await publish(name, await adapterFile({ value: name.length + n / 64 }))
}
const put = (name: string, route: object) => json(edge(`/v1/routes/${name}`, { method: 'PUT', body: JSON.stringify(route) }))
const remove = (id: string, headers: Record<string, string> = {}) => json(edge(`/v1/adapters/${id}`, { method: 'DELETE', headers }))
const inUse = (...usedBy: object[]) => ({ http: 409, error: { code: 'adapter_in_use', details: { used_by: usedBy } } })

test('what a live route uses is not deleted, whatever part of the route names it; what no route uses any more is', async () => {
  await versions('gone/a', 5)
  await put('del-pinned', { composition: 'base + 0.5*gone/a@1' })
  await put('del-split', {
    variants: [
      { name: 'one', composition: 'gone/a@2', weight: 1 },
      { name: 'two', composition: 'base', weight: 1 },
    ],
  })
  await put('del-shadowed', { composition: 'base', shadow: { composition: 'gone/a@3' } })
  await put('del-bare', { composition: 'gone/a' })
  for (const [version, route] of [
    [1, 'del-pinned'],
    [2, 'del-split'],
    [3, 'del-shadowed'],
    [5, 'del-bare'],
  ]) {
    const refused = await remove(`gone/a@${version}`)
    expect(refused).toMatchObject(inUse({ kind: 'route', id: route }))
    expect(refused.error.message).toContain(`the route "${route}" uses it`)
  }
  expect(await json(edge('/v1/models/gone/a@1', { method: 'DELETE' }))).toMatchObject({ http: 409, error: { code: 'adapter_in_use', param: 'model' } })
  expect((await remove('gone/a')).error.details.used_by).toHaveLength(4)
  expect(await remove('gone/a@4')).toMatchObject({ http: 200 })
  // An earlier version of a route is no reason: a rollback to it says what is missing.
  await put('del-pinned', { composition: 'base' })
  expect(await remove('gone/a@1')).toMatchObject({ http: 200 })
})

test('an admin may force it, which the audit log says; nobody else may', async () => {
  await versions('gone/b', 1)
  await put('del-forced', { composition: 'gone/b' })
  const { secret } = await json(post('/v1/keys', { role: 'publisher' }))
  const publisher = { authorization: `Bearer ${secret}` }
  expect(await remove('gone/b@1?force=true', publisher)).toMatchObject({ http: 403, error: { code: 'role_forbidden', param: 'force' } })
  expect(await remove('gone/b@1?force=yes')).toMatchObject({ http: 400, error: { param: 'force' } })
  expect(await remove('gone/b@1?force=true')).toMatchObject({ http: 200, deleted: true })
  expect((await json(edge('/v1/audit?limit=1'))).data).toMatchObject([{ action: 'adapter.force_delete', target: 'gone/b@1' }])
  // An alias is moved first, always: it would stand for nothing.
  await versions('gone/b', 1)
  await edge('/v1/adapters/gone/b/aliases/prod', { method: 'PUT', body: '{"version": 2}' })
  expect(await remove('gone/b@2?force=true')).toMatchObject(inUse({ kind: 'alias', id: 'gone/b@prod' }))
})

test('a route that a key cannot see is not named to it, and counts all the same', async () => {
  await versions('gone/c', 1)
  await put('del-unseen', { composition: 'gone/c' })
  const { secret } = await json(post('/v1/keys', { role: 'publisher', scopes: ['name/gone/'] }))
  const refused = await remove('gone/c', { authorization: `Bearer ${secret}` })
  expect(refused).toMatchObject(inUse())
  expect(refused.error.message).toContain("a route outside this key's scopes uses it")
  expect(JSON.stringify(refused)).not.toContain('del-unseen')
})

test('what another adapter was trained over is not deleted, unless an admin forces it or both go', async () => {
  await versions('gone/trunk', 1)
  await publish('gone/leaf', await adapterFile({ value: 3, lineage: { on: 'gone/trunk@1' } }))
  for (const id of ['gone/trunk@1', 'gone/trunk']) {
    const refused = await remove(id)
    expect(refused).toMatchObject(inUse({ kind: 'adapter', id: 'gone/leaf@1' }))
    expect(refused.error.message).toContain('"gone/leaf@1" was trained over it. First delete what was trained over it.')
  }
  const { secret } = await json(post('/v1/keys', { role: 'publisher', scopes: ['name/gone/trunk'] }))
  const unseen = await remove('gone/trunk', { authorization: `Bearer ${secret}` })
  expect(unseen).toMatchObject(inUse())
  expect(JSON.stringify(unseen)).not.toContain('gone/leaf')
  expect(await remove('gone/leaf@1')).toMatchObject({ http: 200 })
  expect(await remove('gone/trunk@1')).toMatchObject({ http: 200 })

  await versions('gone/self', 1)
  await publish('gone/self', await adapterFile({ value: 4, lineage: { on: 'gone/self@1' } }))
  expect(await remove('gone/self@1')).toMatchObject(inUse({ kind: 'adapter', id: 'gone/self@2' }))
  expect(await remove('gone/self')).toMatchObject({ http: 200 })

  await versions('gone/root', 1)
  await publish('gone/twig', await adapterFile({ value: 5, lineage: { on: 'gone/root@1' } }))
  expect(await remove('gone/root@1?force=true')).toMatchObject({ http: 200, deleted: true })
})

test('what a running batch asks for is not deleted, and its input neither', async () => {
  await versions('gone/d', 1)
  await script({ ...generated(), times: 0, delayMs: 300 })
  const form = new FormData()
  form.set('purpose', 'batch')
  const line = (n: number) => JSON.stringify({ custom_id: `r${n}`, method: 'POST', url: '/v1/completions', body: { model: 'gone/d', prompt: 'p' } })
  form.set('file', new File([Array.from({ length: 20 }, (_, n) => line(n)).join('\n')], 'in.jsonl'))
  const file = await json(edge('/v1/files', { method: 'POST', body: form }))
  const batch = await json(post('/v1/batches', { input_file_id: file.id, endpoint: '/v1/completions', completion_window: '24h' }))
  for (const id of ['gone/d', 'gone/d@1']) expect(await remove(id)).toMatchObject(inUse({ kind: 'batch', id: batch.id }))
  expect(await json(edge(`/v1/files/${file.id}`, { method: 'DELETE' }))).toMatchObject({ http: 409, error: { code: 'file_in_use' } })
  await post(`/v1/batches/${batch.id}/cancel`, {})
  await until(async () => (await json(edge(`/v1/batches/${batch.id}`))).status === 'cancelled')
  expect(await remove('gone/d@1')).toMatchObject({ http: 200 })
})

test('a version that is deleted while somebody asks for it is not there any more, and not a file that is missing', async () => {
  await versions('gone/meanwhile', 2)
  await script({ ...refusal(424, 'composition_not_held', 'POST /generate'), delayMs: 1000 })
  const asked = json(post('/v1/completions', { model: 'base + gone/meanwhile', prompt: 'x' }))
  await until(async () => (await seen()).some(({ path }) => path === '/generate'))
  expect(await remove('gone/meanwhile@2')).toMatchObject({ http: 200 })
  expect(await asked).toMatchObject({ http: 404, error: { code: 'adapter_version_not_found', param: 'model', details: { name: 'gone/meanwhile@2' } } })
})

test('a file that is named outside the scopes of whoever deletes an adapter stays', async () => {
  const file = await adapterFile({ value: 1 / 128 })
  await publish('deletion/outside', file)
  await publish('within/scope', file)
  const { secret } = await json(post('/v1/keys', { role: 'admin', name: 'scoped', scopes: ['name/within/'] }))
  const deleted = await edge('/v1/adapters/within%2Fscope', { method: 'DELETE', headers: { authorization: `Bearer ${secret}` } })
  expect(deleted.status).toBe(200)
  expect((await edge('/v1/adapters/deletion%2Foutside/content')).status).toBe(200)
})

import { beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, generated, json, post, publish, script, seen } from '../edge.ts'

beforeEach(() => script())

const put = (name: string, alias: string, body: unknown, headers: Record<string, string> = {}) =>
  edge(`/v1/adapters/${name}/aliases/${alias}`, { method: 'PUT', body: JSON.stringify(body), headers })
const rollback = (name: string, body: unknown = {}) => post(`/v1/adapters/${name}/rollback`, body)
const versions = async (name: string, count: number) => {
  for (let n = 1; n <= count; n++) expect((await publish(name, await adapterFile({ value: n / 8 }))).status).toBe(201)
}
const explained = async (model: string) => json(post('/v1/compositions/explain', { model }))
const current = async (name: string): Promise<string> => (await json(edge(`/v1/adapters/${name}`))).id

test('an alias is made, asked by, moved and deleted; explain shows alias, version and digest', async () => {
  await versions('alias/a', 3)
  expect(await json(put('alias/a', 'prod', { version: 1 }))).toMatchObject({
    http: 200,
    id: 'alias/a@prod',
    object: 'adapter.alias',
    version: 1,
    previous: null,
  })
  const { digest } = await json(edge('/v1/adapters/alias/a@1'))
  expect(await explained('base + 0.5*alias/a@prod + alias/a')).toMatchObject({
    expression: 'base + 0.5*alias/a@1 + alias/a@3',
    canonical: expect.stringContaining(digest),
    references: [
      { written: 'alias/a@prod', alias: 'prod', id: 'alias/a@1', version: 1, digest },
      { written: 'alias/a', alias: 'latest', id: 'alias/a@3', version: 3 },
    ],
  })
  await publish('alias/over', await adapterFile({ value: 0.37, lineage: { on: 'alias/a@1' } }))
  expect((await explained('alias/over + alias/a')).references).toEqual([
    { written: 'alias/over', alias: 'latest', id: 'alias/over@1', version: 1, digest: expect.any(String), on: 'alias/a@1' },
    { written: 'alias/a', alias: 'latest', id: 'alias/a@3', version: 3, digest: expect.any(String) },
  ])
  await script(generated())
  expect((await json(post('/v1/completions', { model: 'alias/a@prod', prompt: 'We' }))).http).toBe(200)
  const [asked] = await seen()
  expect((asked!.body as { composition: string }).composition).toBe((await explained('alias/a@1')).key)

  expect(await json(put('alias/a', 'prod', { version: 2 }))).toMatchObject({ version: 2, previous: 1 })
  expect((await explained('alias/a@prod')).references).toMatchObject([{ id: 'alias/a@2' }])
  expect((await json(edge('/v1/adapters/alias/a/aliases'))).data).toMatchObject([
    { alias: 'latest', version: 3 },
    { alias: 'prod', version: 2 },
  ])
  expect((await json(edge('/v1/adapters/alias/a/versions'))).data.map((each: { aliases: string[] }) => each.aliases)).toEqual([['latest'], ['prod'], []])
  const models = (await json(edge('/v1/models'))).data.filter(({ id }: { id: string }) => id.startsWith('alias/a'))
  expect(models.map(({ id, adapter }: { id: string; adapter?: string }) => [id, adapter])).toEqual([
    ['alias/a', 'alias/a@3'],
    ['alias/a@3', undefined],
    ['alias/a@prod', 'alias/a@2'],
    ['alias/a@2', undefined],
    ['alias/a@1', undefined],
  ])
  expect(await json(edge('/v1/models/alias/a@prod'))).toMatchObject({ http: 200, adapter: 'alias/a@2' })

  expect(await json(edge('/v1/adapters/alias/a/aliases/prod', { method: 'DELETE' }))).toMatchObject({ deleted: true, id: 'alias/a@prod' })
  expect(await explained('alias/a@prod')).toMatchObject({ http: 404, error: { code: 'adapter_alias_not_found' } })
  expect(await json(edge('/v1/adapters/alias/a@2'))).toMatchObject({ http: 200 })
})

test('what cannot be an alias, and what one cannot stand for', async () => {
  await versions('alias/b', 1)
  for (const alias of ['3', 'v3', 'latest', 'sha256', 'base', '-x', 'a%20b', 'a%2Fb'])
    expect(await json(put('alias/b', alias, { version: 1 })), alias).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
  expect(await json(put('alias/b', 'prod', { version: 2 }))).toMatchObject({ http: 404, error: { code: 'adapter_version_not_found' } })
  expect(await json(put('alias/nothing', 'prod', { version: 1 }))).toMatchObject({ http: 404, error: { code: 'adapter_not_found' } })
  expect(await json(put('alias/b', 'prod', { version: '1' }))).toMatchObject({ http: 400, error: { param: 'version' } })
  expect(await json(edge('/v1/adapters/alias/b/aliases/prod'))).toMatchObject({ http: 404, error: { code: 'adapter_alias_not_found' } })
  expect(await json(edge('/v1/adapters/alias/b/aliases/latest', { method: 'DELETE' }))).toMatchObject({ http: 400 })
  expect(await json(publish('alias/b/aliases/x', await adapterFile()))).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
  expect(await explained('base@prod')).toMatchObject({ http: 400 })
})

test('compare-and-swap: by version, by etag, and only where there is none yet', async () => {
  await versions('alias/c', 3)
  const { etag } = await json(put('alias/c', 'prod', { version: 1 }, { 'if-none-match': '*' }))
  expect(await json(put('alias/c', 'prod', { version: 2 }, { 'if-none-match': '*' }))).toMatchObject({ http: 412, error: { code: 'alias_moved' } })
  expect(await json(put('alias/c', 'prod', { version: 2, expected: null }))).toMatchObject({ http: 412, error: { details: { version: 1 } } })
  expect(await json(put('alias/c', 'prod', { version: 2, expected: 3 }))).toMatchObject({ http: 412 })
  expect(await json(put('alias/c', 'prod', { version: 2, expected: 1 }))).toMatchObject({ http: 200, version: 2 })
  // There and back again is seen.
  expect(await json(put('alias/c', 'prod', { version: 1 }))).toMatchObject({ http: 200 })
  expect(await json(put('alias/c', 'prod', { version: 3 }, { 'if-match': `"${etag}"` }))).toMatchObject({ http: 412 })
  const answer = await edge('/v1/adapters/alias/c/aliases/prod')
  expect(await json(put('alias/c', 'prod', { version: 3 }, { 'if-match': answer.headers.get('etag')! }))).toMatchObject({ http: 200, version: 3 })
  expect(await json(put('alias/c', 'prod', { version: 3, expected: 3 }, { 'if-match': '"x"' }))).toMatchObject({ http: 400 })
  expect(await json(put('alias/c', 'prod', { version: 3 }, { 'if-match': 'x' }))).toMatchObject({ http: 400 })
  expect((await edge('/v1/adapters/alias/c/aliases/prod', { method: 'DELETE', headers: { 'if-match': '"x"' } })).status).toBe(412)
})

test('law: of clients that move one alias at once, no acknowledged move is lost', async () => {
  const count = 9
  await versions('alias/race', count)
  await put('alias/race', 'prod', { version: 1 })
  // Each client moves the alias one version on, from what it last saw: were a move lost, two would be acknowledged from one place.
  const moves: [from: number, to: number][] = []
  const client = async () => {
    for (;;) {
      const { version } = await json(edge('/v1/adapters/alias/race/aliases/prod'))
      if (version === count) return
      const answer = await json(put('alias/race', 'prod', { version: version + 1, expected: version }))
      if (answer.http === 200) moves.push([version, answer.version])
      else expect(answer).toMatchObject({ http: 412, error: { code: 'alias_moved' } })
    }
  }
  await Promise.all([client(), client(), client(), client()])
  expect(moves.map(([from]) => from).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count - 1 }, (_, n) => n + 1))
})

test('what a name was rolled back from it never means by itself again, whatever is published and deleted since', async () => {
  await versions('alias/back', 3)
  await rollback('alias/back', { to: 1 })
  await versions('alias/back', 1)
  expect(await current('alias/back')).toBe('alias/back@4')
  await edge('/v1/adapters/alias/back@4', { method: 'DELETE' })
  expect(await current('alias/back')).toBe('alias/back@1')

  await versions('alias/again', 2)
  await rollback('alias/again')
  await versions('alias/again', 1)
  expect(await json(rollback('alias/again'))).toMatchObject({ version: 1, previous: 3 })
  expect(await json(rollback('alias/again'))).toMatchObject({ http: 409, error: { code: 'nothing_to_roll_back' } })
  // Who names one means it.
  expect(await json(rollback('alias/again', { to: 2 }))).toMatchObject({ version: 2, previous: 1 })
  await versions('alias/again', 1)
  expect(await json(rollback('alias/again'))).toMatchObject({ version: 2, previous: 4 })
})

test('a rollback moves the bare name, deletes nothing, and the next publication moves it forward', async () => {
  await versions('alias/d', 3)
  // Without a body, as a route's.
  expect(await json(edge('/v1/adapters/alias/d/rollback', { method: 'POST' }))).toMatchObject({ http: 200, alias: 'latest', version: 2, previous: 3 })
  expect(await current('alias/d')).toBe('alias/d@2')
  expect((await explained('alias/d@latest')).expression).toBe('base + alias/d@2')
  expect((await json(edge('/v1/models'))).data.find(({ id }: { id: string }) => id === 'alias/d')).toMatchObject({ adapter: 'alias/d@2' })
  // A body of no bytes whose length is not announced says as little as none.
  const nothing = new ReadableStream({ start: (controller) => controller.close() })
  expect(await json(edge('/v1/adapters/alias/d/rollback', { method: 'POST', body: nothing, duplex: 'half' } as RequestInit))).toMatchObject({
    version: 1,
    previous: 2,
  })
  expect(await json(rollback('alias/d'))).toMatchObject({ http: 409, error: { code: 'nothing_to_roll_back' } })
  expect(await json(rollback('alias/d', { expected: 9 }))).toMatchObject({ http: 412, error: { code: 'alias_moved' } })
  expect(await json(rollback('alias/d', { to: 3 }))).toMatchObject({ version: 3, previous: 1 })
  expect(await json(rollback('alias/d', { to: 9 }))).toMatchObject({ http: 404, error: { code: 'adapter_version_not_found' } })
  expect(await json(rollback('alias/d', { to: 1, expected: 2 }))).toMatchObject({ http: 412 })
  expect(await json(rollback('alias/d', { to: 2, expected: 3 }))).toMatchObject({ version: 2 })
  // The bare name goes further back when what it means is deleted, never forward to what it was taken back from.
  await edge('/v1/adapters/alias/d@2', { method: 'DELETE' })
  expect(await current('alias/d')).toBe('alias/d@1')
  await edge('/v1/adapters/alias/d@1', { method: 'DELETE' })
  expect(await json(edge('/v1/adapters/alias/d'))).toMatchObject({ http: 404, error: { message: expect.stringContaining('alias/d@3') } })
  await publish('alias/d', await adapterFile({ value: 7 }))
  expect(await current('alias/d')).toBe('alias/d@4')
})

test('a version that an alias stands for is not deleted; a name goes with its aliases', async () => {
  await versions('alias/e', 2)
  await put('alias/e', 'prod', { version: 1 })
  expect(await json(edge('/v1/adapters/alias/e@1', { method: 'DELETE' }))).toMatchObject({
    http: 409,
    error: { code: 'adapter_in_use', details: { used_by: [{ kind: 'alias', id: 'alias/e@prod' }] } },
  })
  expect(await json(edge('/v1/adapters/alias/e@prod', { method: 'DELETE' }))).toMatchObject({ http: 400 })
  expect((await edge('/v1/adapters/alias/e', { method: 'DELETE' })).status).toBe(200)
  await versions('alias/e', 1)
  expect((await json(edge('/v1/adapters/alias/e/aliases'))).data).toMatchObject([{ alias: 'latest', version: 3 }])
})

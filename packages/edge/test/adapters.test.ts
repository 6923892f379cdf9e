import { env } from 'cloudflare:workers'
import { floatTensor, sha256 } from '@weft/adapters'
import { beforeEach, expect, test } from 'vitest'
import { adapterFile, edge, json, publish, script } from './edge.ts'

beforeEach(() => script())

test('an adapter is published, found under every spelling of its name, and downloaded byte for byte', async () => {
  const file = await adapterFile()
  const digest = await sha256(file)
  expect(await json(publish('style/speech', file))).toMatchObject({
    http: 201,
    id: 'style/speech@1',
    object: 'adapter',
    name: 'style/speech',
    version: 1,
    digest,
    method: 'prompt-tuning',
    sites: ['inputsEmbeds'],
    virtual_tokens: { rows: 2, prefix: 0 },
    bytes: file.byteLength,
  })
  for (const path of ['style/speech', 'style/speech@1', 'style%2Fspeech', 'style%2Fspeech%401', `style/speech@${digest}`])
    expect(await json(edge(`/v1/adapters/${path}`))).toMatchObject({ http: 200, id: 'style/speech@1', manifest: { format: 'weft-adapter' } })
  for (const path of ['style/speech@1', 'style%2Fspeech%401'])
    expect(new Uint8Array(await (await edge(`/v1/adapters/${path}/content`)).arrayBuffer())).toEqual(file)
  expect((await json(edge('/v1/adapters'))).data).toMatchObject([{ id: 'style/speech@1' }])
})

test('a list tells what each was made with, so that nobody asks for every manifest', async () => {
  const lineage = { required: [{ ref: 'made/trunk@1', digest: `sha256:${'1'.repeat(64)}` }] }
  await publish('made/trunk', await adapterFile({ value: 41 }))
  await publish('made/leaf', await adapterFile({ value: 42, lineage }))
  const { data } = await json<{ data: { id: string; made_with?: string[] }[] }>(edge('/v1/adapters'))
  const told = data.filter(({ id }) => id.startsWith('made/')).map(({ id, made_with }) => [id, made_with])
  expect(told).toEqual([
    ['made/leaf@1', ['made/trunk@1']],
    ['made/trunk@1', undefined],
  ])
})

test('publishing again makes the next version; names point to the newest', async () => {
  await publish('tone/warm', await adapterFile({ value: 1 }))
  await publish('tone/warm', await adapterFile({ value: 2 }))
  expect((await json(edge('/v1/adapters/tone/warm/versions'))).data.map(({ id }: { id: string }) => id)).toEqual(['tone/warm@2', 'tone/warm@1'])
  expect(await json(edge('/v1/adapters/tone/warm'))).toMatchObject({ id: 'tone/warm@2' })
})

test('publishes of one name at once get a version each, and nothing is lost', async () => {
  const files = await Promise.all(Array.from({ length: 12 }, (_, n) => adapterFile({ value: n + 1 })))
  const published = await Promise.all(files.map((file) => json(publish('tone/race', file))))
  expect(published.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(files.map((_, n) => n + 1))
  for (const { id, digest } of published) expect(await sha256(new Uint8Array(await (await edge(`/v1/adapters/${id}/content`)).arrayBuffer()))).toBe(digest)
})

test('a deleted version stays gone and its number is never given again; its file goes with its last name', async () => {
  const file = await adapterFile({ value: 33 })
  const { digest } = await json(publish('tone/old', file))
  await publish('tone/other', file)
  expect(await json(edge('/v1/adapters/tone/old@1', { method: 'DELETE' }))).toMatchObject({ deleted: true, object: 'adapter' })
  expect(await json(edge('/v1/adapters/tone/old@1'))).toMatchObject({ http: 404 })
  expect(await env.ADAPTERS.head(digest)).not.toBeNull()
  await edge('/v1/adapters/tone/other', { method: 'DELETE' })
  expect(await env.ADAPTERS.head(digest)).toBeNull()
  expect(await json(publish('tone/old', file))).toMatchObject({ id: 'tone/old@2' })
})

test('a digest names a file under its own name only', async () => {
  const { digest } = await json(publish('tone/owner', await adapterFile({ value: 34 })))
  expect(await json(edge(`/v1/adapters/tone/unknown@${digest}`, { method: 'DELETE' }))).toMatchObject({ http: 404, error: { code: 'adapter_not_found' } })
  expect(await json(edge(`/v1/adapters/tone/owner@${digest}`))).toMatchObject({ http: 200, id: 'tone/owner@1' })
})

test('a file that is published while its last name is deleted is there afterwards', async () => {
  const file = await adapterFile({ value: 35 })
  for (let n = 1; n <= 8; n++) {
    await publish('tone/leaving', file)
    const [{ id }] = await Promise.all([json(publish(`tone/coming${n}`, file)), edge('/v1/adapters/tone/leaving', { method: 'DELETE' })])
    expect(await json(edge(`/v1/adapters/${id}`, { method: 'GET' }))).toMatchObject({ http: 200 })
    expect((await edge(`/v1/adapters/${id}/content`)).status).toBe(200)
    await edge(`/v1/adapters/tone/coming${n}`, { method: 'DELETE' })
  }
})

test('files that are no adapters are refused before anything is stored', async () => {
  const file = await adapterFile({ value: 4 })
  const nan = await adapterFile({ value: Number.NaN })
  const narrow = await adapterFile({ width: 3 })
  const otherBase = { name: 'other', fingerprint: `sha256:${'cd'.repeat(32)}`, architecture: 'llama' }
  const infinite = await adapterFile({ value: Number.POSITIVE_INFINITY, base: otherBase })
  const huge = await adapterFile({ state: { inputsEmbeds: { rows: floatTensor([1, 4], new Float32Array(4).fill(1e30)) } } })
  for (const [bytes, code] of [
    [file.slice(0, file.length - 5), 'file_truncated'],
    [new TextEncoder().encode('not safetensors at all'), /^file_/],
    [nan, 'tensor_not_finite'],
    [infinite, 'tensor_not_finite'],
    [narrow, 'tensor_shape'],
    [huge, 'tensor_norm'],
    [await adapterFile({ method: 'prompt-tunin' }), 'method_not_found'],
    [await adapterFile({ method: '__proto__' }), 'method_not_found'],
    [await adapterFile({ config: { numVirtualTokens: 0 } }), 'manifest_invalid'],
    [await adapterFile({ config: { numVirtualTokens: 2, noSuchField: 1 }, base: otherBase }), 'manifest_invalid'],
    [await adapterFile({ config: { numVirtualTokens: 3 } }), 'config_contradicted'],
    [await adapterFile({ method: 'prefix-tuning', state: { inputsEmbeds: { rows: floatTensor([2, 4]) } } }), 'manifest_invalid'],
  ] as const)
    expect(await json(publish('bad/one', bytes as Uint8Array<ArrayBuffer>))).toMatchObject({
      http: 422,
      error: { code: typeof code === 'string' ? code : expect.stringMatching(code) },
    })
  expect(await json(edge('/v1/adapters/bad/one'))).toMatchObject({ http: 404, error: { code: 'adapter_not_found' } })
})

test('names that are none', async () => {
  for (const name of ['', '1a', 'a b', 'a@1', '../a', 'a/', 'base', 'a/content', 'versions'])
    expect(await json(publish(name, await adapterFile()))).toMatchObject({ http: 400, error: { code: 'invalid_request' } })
  expect(await json(edge('/v1/adapters', { method: 'POST', body: 'x' }))).toMatchObject({ http: 400, error: { param: 'name' } })
  expect(await json(edge('/v1/adapters/a+b'))).toMatchObject({ http: 400 })
})

test('a body over the limit', async () => {
  expect(await json(publish('tone/big', new Uint8Array(200_000)))).toMatchObject({ http: 413, error: { code: 'file_too_large' } })
})

test('unknown adapters come with the nearest names', async () => {
  await publish('domain/legal', await adapterFile({ value: 9 }))
  expect(await json(edge('/v1/adapters/domain/leagl'))).toMatchObject({ http: 404, error: { details: { suggestions: ['domain/legal'] } } })
})

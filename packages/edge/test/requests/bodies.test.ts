import { env } from 'cloudflare:workers'
import { readAdapter, writeSafetensors } from '@weft/adapters'
import { beforeEach, expect, test } from 'vitest'
import { publishAdapter } from '../../src/adapters/publish.ts'
import { cloudflareRoot } from '../../src/cloudflare-composition-root.ts'
import { tokens } from '../../src/tokens.ts'
import { adapterFile, edge, json, post, publish, script } from '../edge.ts'

beforeEach(() => script())

const nested = (levels: number, open = '{"a":', close = '}') => `${open.repeat(levels)}1${close.repeat(levels)}`
const paths = [
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/classify',
  '/v1/score',
  '/v1/embeddings',
  '/v1/calibrations',
  '/v1/compositions/explain',
  '/v1/fine_tuning/jobs',
]

test.each([1_650, 200_000])('JSON nested %i levels deep is refused, wherever it stands', async (levels) => {
  for (const path of paths)
    for (const body of [nested(levels), nested(levels, '[', ']'), `{"model": ${nested(levels)}}`]) {
      const answer = await json(edge(path, { method: 'POST', body }))
      expect({ path, http: answer.http }).toEqual({ path, http: 400 })
    }
  expect(await json(edge('/v1/compositions/explain', { method: 'POST', body: `{"model": "base", "user": ${nested(levels)}}` }))).toMatchObject({ http: 200 })
  expect(await json(edge('/v1/routes/deep', { method: 'PUT', body: nested(levels) }))).toMatchObject({ http: 400 })
})

test('what is nested as deep as anybody needs is not', async () => {
  expect(await json(edge('/v1/compositions/explain', { method: 'POST', body: `{"model": "base", "modle": ${nested(40)}}` }))).toMatchObject({
    http: 400,
    error: { code: 'invalid_request', param: 'modle' },
  })
})

test('a body that is packed is told as that, whatever it is', async () => {
  const packed = (body: BodyInit) => new Response(new Response(body).body!.pipeThrough(new CompressionStream('gzip'))).arrayBuffer()
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File(['{"text": "a"}\n'], 'a.jsonl'))
  const uploaded = new Response(form)
  for (const [path, type, body] of [
    ['/v1/completions', 'application/json', '{"model": "base", "prompt": "a"}'],
    ['/v1/files', uploaded.headers.get('content-type')!, await uploaded.arrayBuffer()],
    ['/v1/adapters?name=packed', 'application/octet-stream', await adapterFile()],
  ] as const)
    expect(
      await json(edge(path, { method: 'POST', body: await packed(body), headers: { 'content-encoding': 'gzip', 'content-type': type } })),
      path,
    ).toMatchObject({ http: 400, error: { code: 'invalid_request', param: 'content-encoding' } })
  expect(
    await json(edge('/v1/completions', { method: 'POST', body: '{"model": "base", "prompt": "a", "modle": 1}', headers: { 'content-encoding': 'Identity' } })),
    'which is none, in whatever letters',
  ).toMatchObject({ error: { param: 'modle' } })
})

test('a key that stands twice is refused, and nothing is answered by one of its values', async () => {
  const twice = '{"model": "base", "model": "style/speech", "prompt": "a", "max_tokens": 1}'
  for (const body of [twice, '{"model": "base", "prompt": "a", "logit_bias": {"1": 2, "1": 3}}'])
    expect(await json(edge('/v1/completions', { method: 'POST', body }))).toMatchObject({
      http: 400,
      error: { code: 'invalid_json', message: expect.stringMatching(/the key "(model|1)" stands twice in one object/) },
    })
})

test('a body that is not UTF-8 is refused, and no other text is answered in its place', async () => {
  const body = Uint8Array.from('{"model": "base", "prompt": "caf\u00e9", "max_tokens": 1}', (letter) => letter.charCodeAt(0))
  expect(await json(edge('/v1/completions', { method: 'POST', body }))).toMatchObject({
    http: 400,
    error: { code: 'invalid_json', message: 'The body cannot be read as JSON: it is not UTF-8' },
  })
  expect((await edge('/v1/compositions/explain', { method: 'POST', body: '\ufeff{"model": "base + \\"caf\u00e9\\""}' })).status).toBe(200)
})

test('a text that was cut in the middle of an emoji is refused, with where it stands', async () => {
  const body = String.raw`{"model": "base", "messages": [{"role": "user", "content": "so \ud83d"}], "max_tokens": 1}`
  expect(await json(edge('/v1/chat/completions', { method: 'POST', body }))).toMatchObject({
    http: 400,
    error: { code: 'invalid_json', message: expect.stringMatching(/messages\[0\]\.content holds a lone surrogate.*between characters/) },
  })
  expect(await json(edge('/v1/compositions/explain', { method: 'POST', body: String.raw`{"model": "base + \"\ud83d\ude00\""}` }))).toMatchObject({ http: 200 })
})

/** The same adapter with another manifest. */
async function withManifest(change: (manifest: Record<string, unknown>) => string): Promise<Uint8Array<ArrayBuffer>> {
  const { manifest, state } = await readAdapter(await adapterFile())
  return writeSafetensors({ 'inputsEmbeds.rows': state.inputsEmbeds!.rows! }, { weft: change(manifest as unknown as Record<string, unknown>) })
}

test('an adapter whose manifest is that deep is not published', async () => {
  const deep = await withManifest((manifest) => JSON.stringify({ ...manifest, config: '@' }).replace('"@"', nested(1_650)))
  expect(await json(publish('bad/deep', deep))).toMatchObject({ http: 422, error: { code: 'manifest_invalid', message: expect.stringContaining('nested') } })
  expect(await json(edge('/v1/adapters'))).toMatchObject({ http: 200 })
})

test('nor one whose manifest is as large as a file', async () => {
  const container = cloudflareRoot(env)
  const publisher = container.get(tokens.supervise)('default')
  const bytes = await adapterFile({ config: { numVirtualTokens: 2, note: 'x'.repeat(300_000) } })
  await expect(publishAdapter(publisher, { name: 'bad/large', bytes, models: [] })).rejects.toMatchObject({ status: 413, code: 'manifest_too_large' })
})

const file = (name: string) => {
  const form = new FormData()
  form.set('purpose', 'fine-tune')
  form.set('file', new File(['{"text": "a"}\n'], name))
  return json(edge('/v1/files', { method: 'POST', body: form }))
}

test('names and ids have bounds', async () => {
  expect(await file(`${'n'.repeat(249)}.jsonl`)).toMatchObject({ http: 200 })
  expect(await file('n'.repeat(90_000))).toMatchObject({ http: 400, error: { param: 'file' } })
  const long = 'x'.repeat(3_000_000)
  const job = { model: 'base', training_file: 'file-a', suffix: 'style/a', method: { type: 'lora' } }
  for (const [body, param] of [
    [{ ...job, training_file: long }, 'training_file'],
    [{ ...job, validation_file: long }, 'validation_file'],
    [{ ...job, suffix: long }, 'suffix'],
    [{ ...job, model: long }, 'model'],
    [{ ...job, method: { type: long } }, 'method.type'],
    [{ ...job, [long]: 1 }, undefined],
  ] as const) {
    const { http, error } = await json(post('/v1/fine_tuning/jobs', body))
    expect(http).toBe(400)
    if (param) expect(error.param).toBe(param)
    expect(JSON.stringify(error).length).toBeLessThan(4_000)
  }
  const { http, error } = await json(post('/v1/completions', { model: long, prompt: 'a' }))
  expect([http, JSON.stringify(error).length < 12_000]).toEqual([400, true])
  expect(await json(edge('/v1/routes/a', { method: 'PUT', body: JSON.stringify({ composition: 'base', description: long }) }))).toMatchObject({
    http: 400,
    error: { param: 'description' },
  })
  expect(await json(post('/v1/calibrations', { model: 'base', input: Array.from({ length: 24 }, () => 'a'), choices: [long, 'b'] }))).toMatchObject({
    http: 400,
    error: { param: 'choices[0]' },
  })
})

test('a length over the limit is refused before the body is read', async () => {
  const endless = () => new ReadableStream({ pull: () => new Promise(() => {}) })
  for (const [path, limit] of [
    ['/v1/completions', 9 * 2 ** 20],
    ['/v1/adapters?name=a', 200_000],
  ] as const) {
    const headers = { 'content-length': String(limit) }
    expect(await json(edge(path, { method: 'POST', body: endless(), headers }))).toMatchObject({ http: 413 })
  }
})

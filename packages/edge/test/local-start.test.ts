import { env, exports } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { cloudflareRoot } from '../src/cloudflare-composition-root.ts'
import { tokens } from '../src/tokens.ts'
import { json } from './edge.ts'

const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  exports.default.fetch(new Request(`http://127.0.0.1:8787${path}`, { headers }))

test('a local start answers this machine alone, also where no key is asked for', async () => {
  for (const path of ['/', '/health', '/openapi.json', '/v1/models', '/nowhere']) {
    expect(await json(ask(path, { host: 'evil.example' }))).toMatchObject({ http: 403, error: { code: 'host_not_allowed' } })
    expect(await json(ask(path, { origin: 'https://evil.example' }))).toMatchObject({ http: 403, error: { code: 'origin_not_allowed' } })
  }
  expect((await ask('/', { host: '127.0.0.1:8787', origin: 'http://localhost:3000' })).status).toBe(200)
})

test('a deployment answers under any name', async () => {
  const deployed = { ...env, API_KEY_SHA256: '00'.repeat(32) }
  const request = new Request('https://weft.example/', { headers: { origin: 'https://pages.example' } })
  expect((await cloudflareRoot(deployed).get(tokens.app).fetch(request, deployed)).status).toBe(200)
})

test('the welcome is text for programs, the console for browsers, and shows where the key lies, not the key', async () => {
  const text = await ask('/', { accept: '*/*' })
  expect(text.headers.get('content-type')).toContain('text/plain')
  expect(await text.text()).toContain('Bearer $WEFT_API_KEY')
  const browser = { accept: 'text/html,application/xhtml+xml' }
  const without = { ...env, ASSETS: undefined }
  const page = await cloudflareRoot(without)
    .get(tokens.app)
    .fetch(new Request('http://127.0.0.1:8787/', { headers: browser }), without)
  expect(page.headers.get('content-type')).toContain('text/plain')
  expect((await ask('/', browser)).url).toBe('http://127.0.0.1:8787/console')

  const local = { ...env, LOCAL_KEY: 'secret-key', LOCAL_KEY_FILE: "it's/.weft/key" }
  const shown = await (await cloudflareRoot(local).get(tokens.app).fetch(new Request('http://127.0.0.1:8787/'), local)).text()
  expect(shown).toContain(`Bearer $(cat 'it'\\''s/.weft/key')"`)
  expect(shown).not.toContain('secret-key')
})

import { env, exports } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import { cloudflareRoot } from '../src/cloudflare-composition-root.ts'
import { tokens } from '../src/tokens.ts'
import { json } from './edge.ts'

const ask = (path: string, init: RequestInit = {}): Promise<Response> => exports.default.fetch(new Request(`http://127.0.0.1:8787${path}`, init))

test('the console is a page without a key, whatever its address shows, and is kept by no cache', async () => {
  for (const path of ['/console', '/console/adapters/style%2Fspeech?version=2']) {
    const answer = await ask(path)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('text/html')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    const policy = answer.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/)
  }
})

test('its files are kept for good, since their names say what is in them', async () => {
  const page = await (await ask('/console')).text()
  expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\son\w+=|https?:\/\//)
  const [, script] = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page)!
  const answer = await ask(script!)
  expect(answer.headers.get('content-type')).toContain('javascript')
  expect(answer.headers.get('cache-control')).toContain('immutable')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect((await answer.text()).length).toBeGreaterThan(1000)
})

test('what is not there is told as everywhere, and so it is where there is no console', async () => {
  expect(await json(ask('/console/assets/nothing.js'))).toMatchObject({ http: 404, error: { code: 'unknown_url' } })
  // Not a file to give away, though it lies beside the others.
  expect(await json(ask('/sources.sha256'))).toMatchObject({ http: 401 })
  const without = { ...env, ASSETS: undefined }
  const answer = await cloudflareRoot(without).get(tokens.app).fetch(new Request('http://127.0.0.1:8787/console'), without)
  expect(answer.status).toBe(404)
})

test('a page of another site gets none of it', async () => {
  expect(await json(ask('/console', { headers: { host: 'evil.example' } }))).toMatchObject({ http: 403, error: { code: 'host_not_allowed' } })
})

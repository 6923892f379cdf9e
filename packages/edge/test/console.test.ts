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
  const [, script] = /src="([^"]+\.js)"/.exec(page)!
  const { pathname } = new URL(script!, 'http://127.0.0.1:8787/console')
  expect(pathname).toMatch(/^\/console\/assets\//)
  const answer = await ask(pathname)
  expect(answer.headers.get('content-type')).toContain('javascript')
  expect(answer.headers.get('cache-control')).toContain('immutable')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect((await answer.text()).length).toBeGreaterThan(1000)
})

test('whatever its address, the page names its files so that they are found, and so they are beneath a path that a proxy cuts off', async () => {
  for (const path of ['/console', '/console/', '/console/adapters', '/console/adapters/', '/console/adapters/style/speech@2', '/console//']) {
    const page = await (await ask(path)).text()
    const named = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url!)
    expect(named.length).toBeGreaterThan(2)
    for (const before of ['', '/tools/weft'])
      for (const url of named) expect(new URL(url, `http://host${before}${path}`).pathname).toMatch(new RegExp(`^${before}/console/(assets/[^/]+|icon\\.svg)$`))
  }
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

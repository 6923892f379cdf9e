import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type OpenConsole, openConsole } from './console.test.page.ts'

const path = '/tools/weft'
let proxy: Server
let it: OpenConsole
let at: string

/** What stands before an edge: cuts the path off, and knows nothing else on this host. */
beforeAll(async () => {
  proxy = createServer((incoming, answer) => {
    if (!incoming.url!.startsWith(`${path}/`)) return void answer.writeHead(404).end()
    const { hostname, port } = new URL(inject('url'))
    const passed = request({ hostname, port, method: incoming.method, path: incoming.url!.slice(path.length), headers: incoming.headers }, (answered) => {
      answer.writeHead(answered.statusCode!, answered.headers)
      answered.pipe(answer)
    })
    incoming.pipe(passed)
  })
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
  at = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${path}`
  it = await openConsole({ key: null, at })
})
afterAll(async () => {
  await it.close()
  proxy.closeAllConnections()
  await new Promise((closed) => proxy.close(closed))
})

test('beneath a path of its host the console is found, signs in, asks the edge there, and links to pages there', async () => {
  const { page } = it
  await page.goto(`${at}/`)
  await page.getByLabel('API key').fill(inject('key'))
  expect(page.url()).toBe(`${at}/console`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  expect(await page.evaluate(() => Object.keys(sessionStorage))).toEqual([`weft-key${path}`])
  await page.getByRole('link', { name: 'Adapters' }).click()
  await page.getByRole('link', { name: 'style/short@1' }).click()
  await page.getByRole('heading', { level: 1, name: 'style/short@1' }).waitFor()
  expect(page.url()).toBe(`${at}/console/adapters/style/short%401`)
  await page.reload()
  await page.getByRole('heading', { level: 1, name: 'style/short@1' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { level: 1, name: 'Adapters' }).waitFor()
})

test('the request that the playground shows names that edge', async () => {
  await it.go('playground')
  await it.page.getByText(`${at}/v1/completions`).first().waitFor()
  expect(it.complaints).toEqual([])
})

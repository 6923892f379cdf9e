import { afterAll, beforeAll, expect, test } from 'vitest'
import { serveForClients } from '../clients/serve.ts'
import { runPage } from '../docs/run-page.ts'

let served: Awaited<ReturnType<typeof serveForClients>>
beforeAll(async () => {
  served = await serveForClients()
})
afterAll(() => served.stop())

/** The pages that a newcomer types from, and those whose blocks take a second; `npm run docs -- --run` runs those of all pages. */
test.each([
  'README.md',
  'docs/start/five-minutes.md',
  'docs/start/own-adapter.md',
  'docs/guides/function-calls.md',
  'docs/guides/leaving-openai.md',
  'docs/operating/policies.md',
  'docs/operating/security.md',
])('the blocks of %s run in order, and print what is shown', async (page) => {
  const results = await runPage(page, { url: served.url, apiKey: served.weft.apiKey })
  expect(results.filter(({ fault }) => fault !== undefined)).toEqual([])
  expect(results.filter(({ notRun }) => notRun === undefined).length).toBeGreaterThan(0)
})

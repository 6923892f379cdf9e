import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Served, serveTinyModel } from './served-tiny-model.ts'

let served: Served
beforeAll(async () => {
  served = await serveTinyModel()
})
afterAll(() => served.stop())

test('a client that closes its connection ends what it asked for, which is counted', async () => {
  const { key, client, weft } = served
  const leaving = new AbortController()
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ model: 'base', input: Array.from({ length: 2000 }, (_, i) => `letter ${i} has come. `.repeat(25)) })
  const answer = fetch(`${weft.url}/v1/embeddings`, { method: 'POST', headers, body, signal: leaving.signal })
  const inHands = async () => (await client.runners()).data[0]!.inFlight
  await expect.poll(inHands, { timeout: 10_000 }).toBe(1)
  leaving.abort()
  await expect(answer).rejects.toThrow()
  await expect.poll(inHands, { timeout: 2000 }).toBe(0)
  await expect.poll(async () => (await client.usage()).data, { timeout: 5000 }).toMatchObject([{ requests: 1, failed: 1 }])
})

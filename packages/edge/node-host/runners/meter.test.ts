import { expect, test } from 'vitest'
import { monotonicClock } from '../../src/runner/hashing/monotonic-clock.ts'
import type { Call } from '../../src/runner/http/transport.ts'
import { Meter } from '../../src/runner/meter.ts'
import { openPool } from '../../src/runner/pool/open-pool.ts'
import { pooledInference } from '../../src/runner/pool/pooled-backend.ts'
import { healthy } from '../../test/tiny-model.ts'

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, virtual_tokens: 0 }
const answer = `event: token\ndata: ${JSON.stringify({ token: 1, text: 'a', index: 0 })}\n\nevent: end\ndata: ${JSON.stringify({ finish_reason: 'stop', usage })}\n\n`

/** Two runners, of which the first that gets the request answers with a stream that breaks off at once. */
function pool(second: string) {
  const streams = ['', second]
  const send = async ({ path, body }: Call): Promise<Response> =>
    path === '/health' ? Response.json(healthy().json) : String(body).includes('"stream":true') ? new Response(streams.shift()) : new Response()
  return openPool(
    { runners: ['http://a:1', 'http://b:1'] },
    { urls: [], openTransport: () => send, resolve: async () => ({ addresses: [], ttlMs: 0 }) },
    monotonicClock(),
  )
}

async function ask(second: string) {
  const meter = new Meter()
  const caller = { signal: new AbortController().signal, until: Date.now() + 1000, meter }
  const { models } = healthy().json as { models: { name: string }[] }
  const stream = pooledInference(pool(second)).stream({ model: models[0]!.name, composition: null, prompt: { text: 'A prompt of some length.' } }, caller)
  const read = await stream.then(
    async (events) => {
      for await (const _ of events);
      meter.asked()
    },
    (error) => meter.stop() ?? error,
  )
  return { read, cost: await meter.ended }
}

test('what another runner answers, where the first died before its first token, is no failure and costs what it read', async () => {
  const { read, cost } = await ask(answer)
  expect(read).toBeUndefined()
  expect(cost).toMatchObject({ promptTokens: 1, completionTokens: 1 })
  expect(cost.failure).toBeUndefined()
})

test('where the second dies as well, it is one', async () => {
  const { read, cost } = await ask('')
  expect(read).toMatchObject({ code: 'runner_unavailable' })
  expect(cost.failure).toMatchObject({ code: 'runner_unavailable' })
})

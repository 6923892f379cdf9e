import { getEventListeners } from 'node:events'
import { expect, test, vi } from 'vitest'
import { scriptedEdge, until } from './scripted-edge.test.setup.ts'

const { edge, script } = scriptedEdge(2000)

test('nobody listens any more to the signals of a request that has ended: Node would keep them, and all of the request, for ever', async () => {
  await script({
    on: 'POST /generate',
    json: { text: 'so', tokens: [1], finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4, virtual_tokens: 0 } },
    times: 0,
  })
  const made: AbortSignal[] = []
  const any = AbortSignal.any.bind(AbortSignal)
  const spy = vi.spyOn(AbortSignal, 'any').mockImplementation((signals) => {
    const signal = any(signals)
    made.push(signal)
    return signal
  })
  expect(await edge('/v1/completions', { method: 'POST', body: JSON.stringify({ model: 'base', prompt: 'p' }) })).toMatchObject({ http: 200 })
  spy.mockRestore()
  expect(made.length).toBeGreaterThan(0)
  await until(async () => made.every((signal) => getEventListeners(signal, 'abort').length === 0))
})

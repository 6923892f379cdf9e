import { expect, test, vi } from 'vitest'
import { WeftClient } from './weft-client.ts'

/** A client of an edge that says the same to every question, and how often it was asked. */
const answering = (content: string, type: string) => {
  const asked: string[] = []
  const fetch = async ({ url }: Request): Promise<Response> => {
    asked.push(new URL(url).pathname)
    return new Response(content, { headers: { 'content-type': type } })
  }
  return { weft: new WeftClient({ fetch }), asked }
}
const own = (): never => {
  throw new Error('of the caller')
}

test('what a listener throws while a job is waited for is told, and ends the waiting', async () => {
  const events = ['1', '2'].map((id) => `data: ${JSON.stringify({ id, message: 'step' })}\n\n`).join('')
  const { weft, asked } = answering(`${events}data: [DONE]\n\n`, 'text/event-stream')
  await expect(weft.jobs.wait('job', { onEvent: own, retryMs: 1 })).rejects.toThrow('of the caller')
  expect(asked).toHaveLength(1)
})

test('while a batch is waited for, too', async () => {
  const batch = { id: 'batch', status: 'completed', request_counts: { total: 1, completed: 1, failed: 0 } }
  const { weft, asked } = answering(JSON.stringify(batch), 'application/json')
  await expect(weft.batches.wait('batch', { onChange: own, everyMs: 1 })).rejects.toThrow('of the caller')
  expect(asked).toHaveLength(1)
})

test('a signal ends the waiting between two looks at once', async () => {
  const batch = { id: 'batch', status: 'in_progress', request_counts: { total: 1, completed: 0, failed: 0 } }
  const leaving = new AbortController()
  const onChange = () => void setTimeout(() => leaving.abort(), 20)
  const { weft } = answering(JSON.stringify(batch), 'application/json')
  await expect(weft.batches.wait('batch', { onChange, everyMs: 60_000, signal: leaving.signal })).rejects.toMatchObject({ name: 'AbortError' })
  // What ends too soon is asked for again.
  const { weft: broken } = answering(`data: {"id":"1","message":"step"}\n\n`, 'text/event-stream')
  const again = new AbortController()
  const onEvent = () => void setTimeout(() => again.abort(), 20)
  await expect(broken.jobs.wait('job', { onEvent, retryMs: 60_000, signal: again.signal })).rejects.toMatchObject({ name: 'AbortError' })
})

const ended = { id: 'x', request_counts: { total: 1, completed: 1, failed: 0 } }
const events = `data: ${JSON.stringify({ id: '1', message: 'step' })}\n\ndata: [DONE]\n\n`

test.each([
  [429, '90'],
  [503, '90'],
  [503, '7200'],
] as const)('what is refused by %i while it is waited for is looked at again when the edge says, after %s seconds', async (status, after) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  try {
    const refused = JSON.stringify({ error: { code: 'not_now', message: 'not now', type: 'server_error', param: null } })
    for (const wait of ['job', 'batch'] as const) {
      const began = Date.now()
      const asked: number[] = []
      const told: number[] = []
      const fetch = async ({ url }: Request): Promise<Response> => {
        asked.push((Date.now() - began) / 1000)
        if (asked.length === 1) return new Response(refused, { status, headers: { 'retry-after': after } })
        return url.includes('/events') ? new Response(events) : new Response(JSON.stringify({ ...ended, status: wait === 'job' ? 'succeeded' : 'completed' }))
      }
      const weft = new WeftClient({ fetch, onRetry: (_, ms) => told.push(ms / 1000) })
      const waited = wait === 'job' ? weft.jobs.wait('x', { giveUpAfter: 1 }) : weft.batches.wait('x', { giveUpAfter: 1 })
      // Time passes once it waits: until then it reads what refuses it.
      while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
      await vi.advanceTimersByTimeAsync(Number(after) * 1250)
      expect(await waited).toMatchObject({ id: 'x' })
      expect(asked[1]).toBeGreaterThanOrEqual(Number(after))
      expect(told).toEqual([expect.closeTo(asked[1]!, 0)])
    }
  } finally {
    vi.useRealTimers()
  }
})

test('what can be no other at a later look ends the waiting', async () => {
  const fetch = async (): Promise<Response> => new Response(JSON.stringify({ error: { code: 'job_not_found', message: 'none' } }), { status: 404 })
  await expect(new WeftClient({ fetch }).jobs.wait('x')).rejects.toMatchObject({ code: 'job_not_found' })
  await expect(new WeftClient({ fetch }).batches.wait('x')).rejects.toMatchObject({ code: 'job_not_found' })
})

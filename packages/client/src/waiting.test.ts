import { expect, test } from 'vitest'
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

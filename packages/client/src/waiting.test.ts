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

import { WeftError } from '@weft/adapters'
import { expect, test } from 'vitest'
import { failedLines } from './failed-lines.ts'

const refused = (id: string, message: string) => ({
  id: 'x',
  custom_id: id,
  response: { status_code: 400, request_id: 'x', body: { error: { message } } },
  error: null,
})
const givenUp = (id: string, message: string) => ({ id: 'x', custom_id: id, response: null, error: { code: 'batch_expired', message } })

let isCancelled = false
/** In pieces of a few bytes, and then an end that never comes where nobody stops reading. */
const streamed = (lines: object[], ends = true) => {
  const bytes = new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  let at = 0
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return ends ? controller.close() : new Promise(() => {})
      controller.enqueue(bytes.subarray(at, at + 7))
      at += 7
    },
    cancel() {
      isCancelled = true
    },
  })
}
const batch = (failed: number, errorFileId: string | null = 'file-1') => ({ errorFileId, requestCounts: { total: 9, completed: 9 - failed, failed } })

test('the reasons are told by the requests that they are of', async () => {
  const lines = [refused('mail-ä', 'adapter not found'), givenUp('mail-2', 'not answered in time')]
  expect(await failedLines(batch(2), async () => streamed(lines))).toEqual(['  mail-ä: adapter not found', '  mail-2: not answered in time'])
})

test('of many the first are told, and nothing behind them is read', async () => {
  const lines = ['a', 'b', 'c', 'd'].map((id) => refused(id, 'too long'))
  expect(await failedLines(batch(7), async () => streamed(lines, false))).toEqual([
    '  a: too long',
    '  b: too long',
    '  c: too long',
    '  and 4 more: npx weft files download file-1 errors.jsonl',
  ])
  expect(isCancelled).toBe(true)
})

test('a file that is deleted since has nothing to tell, and an edge that fails is told', async () => {
  const failing = (status: number) => failedLines(batch(1), () => Promise.reject(new WeftError('x', 'gone', { status })))
  expect(await failing(404)).toEqual([])
  await expect(failing(503)).rejects.toThrow('gone')
})

test('nothing failed, nothing is asked for', async () => {
  expect(await failedLines(batch(0, null), () => Promise.reject(new Error('asked')))).toEqual([])
})

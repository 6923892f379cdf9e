import { WeftError } from '@weft/adapters'
import type { WeftClient } from '@weft/client'

import { expect, test } from 'vitest'
import { rowsOfJob } from './rows-of-job.ts'

const asked = (stream: () => ReadableStream) =>
  rowsOfJob({ files: { stream: async () => stream(), get: async () => ({ filename: 'calls.jsonl' }) } } as unknown as WeftClient, { trainingFile: 'file-1' })
const stored = (text: string) => () => new Blob([text]).stream()

test('the stored file says how its rows are asked', async () => {
  const messages = [{ role: 'assistant', content: 'a' }]
  const tools = [{ type: 'function', function: { name: 'now' } }]
  expect(await asked(stored(`${JSON.stringify({ messages, tools })}\n`))).toEqual({ chat: true, tools: 'calls.jsonl' })
  expect(await asked(stored(JSON.stringify({ messages })))).toEqual({ chat: true })
  expect(await asked(stored('{"text": "a"}'))).toEqual({ chat: false })
})

test('no more of it is read than its beginning', async () => {
  let pulled = 0
  const endless = new ReadableStream({ pull: (to) => (pulled++, to.enqueue(new Uint8Array(1 << 14).fill(97))) })
  expect(await asked(() => endless)).toEqual({ chat: false })
  expect(pulled).toBeLessThan(8)
})

test.each([404, 403, 503])('one that cannot be read says nothing: %i', async (status) => {
  const failing = () => {
    throw new WeftError('x', 'x', { status })
  }
  expect(await asked(failing)).toBeUndefined()
})

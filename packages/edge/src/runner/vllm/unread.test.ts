import { expect, test } from 'vitest'
import type { Transport } from '../http/transport.ts'
import { storeFile } from './adapters/load-adapter.ts'
import { vllmModelDirectory } from './model-directory.ts'

test('what a vLLM without the middleware says instead is not left unread: a Worker has six connections', async () => {
  let held = 0
  const send: Transport = async () => {
    held++
    return new Response(new ReadableStream({ cancel: () => void held-- }), { status: 404 })
  }
  const withoutIt = { code: 'runner_protocol', message: expect.stringContaining('--middleware') }
  await expect(vllmModelDirectory(send).health()).rejects.toMatchObject(withoutIt)
  await expect(storeFile(send, 'key', 'file', new Uint8Array(1), undefined)).rejects.toMatchObject(withoutIt)
  expect(held).toBe(0)
})

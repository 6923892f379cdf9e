import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { files } from './files.ts'

/** A byte order mark, and what is no UTF-8. */
const stored = Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d, 0x0a, 0xff, 0xfe, 0x00)
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'application/jsonl' })
  if (!request.url!.includes('cut')) return void response.end(stored)
  response.write(stored)
  setTimeout(() => response.socket?.destroy(), 20)
}).listen(0, '127.0.0.1')
await once(server, 'listening')
afterAll(() => void server.close())

const folder = mkdtempSync(join(tmpdir(), 'weft-files-'))
const download = async (id: string, path: string): Promise<string> => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await files().exitOverride().parseAsync(['download', id, path, '--url', url, '--key', 'k', '--json'], { from: 'user' })
    return printed.mock.calls.join('')
  } finally {
    printed.mockRestore()
  }
}

test('what is downloaded has the bytes that are stored', async () => {
  const path = join(folder, 'rows.jsonl')
  expect(JSON.parse(await download('file-1', path))).toEqual({ file: path, bytes: stored.length })
  expect(new Uint8Array(readFileSync(path))).toEqual(stored)
})

test.each(['-', '/dev/stdout'])('what is downloaded to %s is alone there', async (path) => {
  const printed = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] }
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => printed[name].push(Buffer.from(text as string)) > 0)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    await files().exitOverride().parseAsync(['download', 'file-1', path, '--url', url, '--key', 'k'], { from: 'user' })
  } finally {
    vi.restoreAllMocks()
  }
  expect(new Uint8Array(Buffer.concat(printed.stdout))).toEqual(stored)
  expect(Buffer.concat(printed.stderr).toString()).toBe(`${path}: ${stored.length} B\n`)
  expect(existsSync('-')).toBe(false)
})

test('a download that is cut is told so, and leaves no half of a file', async () => {
  const path = join(folder, 'half.jsonl')
  await expect(download('file-cut', path)).rejects.toMatchObject({ code: 'stream_broken' })
  expect(existsSync(path)).toBe(false)
})

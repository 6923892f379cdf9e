import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { temporaryFolder } from '../testing/tiny-llama.ts'
import { pullUrl } from './pull-url.ts'

const content = Buffer.from(Array.from({ length: 20_000 }, (_, i) => i % 251))
const digest = createHash('sha256').update(content).digest('hex')
let server: Server
let url: string
let folder: string
/** After how many bytes each answer breaks off: once the client has written them down, however long that takes. */
let cuts: number[]
/** What is done when so many bytes have been written down. */
let atBytes: { done: number; then: () => void } | undefined
const onBytes = (done: number): void => {
  if (done === atBytes?.done) atBytes.then()
}
let ranges: (string | undefined)[]
let etag: string | undefined
const coded = (code: string, message = '') => expect.objectContaining({ code, message: expect.stringContaining(message) })

beforeEach(async () => {
  ;[cuts, ranges, etag, folder, atBytes] = [[], [], '"one"', temporaryFolder(), undefined]
  server = createServer((request, response) => {
    if (request.url !== '/a.gguf') return response.writeHead(404).end()
    ranges.push(request.headers.range)
    const same = request.headers['if-range'] === etag
    const from = same ? Number(request.headers.range?.match(/\d+/)?.[0] ?? 0) : 0
    const body = content.subarray(from)
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': body.length, ...(etag && { etag }) })
    const cut = cuts.shift()
    if (cut === undefined) return response.end(body)
    if (cut === 0) return response.destroy()
    atBytes = { done: from + cut, then: () => response.destroy() }
    response.write(body.subarray(0, cut))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.gguf`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

test('a transfer that breaks off goes on where it stopped; the digest in the address is checked', async () => {
  cuts = [5000, 3000]
  const seen: number[] = []
  const target = join(folder, 'a.gguf')
  await pullUrl(`${url}#sha256=${digest}`, target, {
    onBytes: (done, total) => {
      seen.push(done / total)
      onBytes(done)
    },
  })
  expect(readFileSync(target)).toEqual(content)
  expect(ranges).toEqual([undefined, 'bytes=5000-', 'bytes=8000-'])
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBe(1)
  expect(readdirSync(folder)).toEqual(['a.gguf'])
})

test('what was given up goes on in the next run, unless the file is another by then', async () => {
  const target = join(folder, 'a.gguf')
  const pull = (attempts?: number) => pullUrl(url, target, { onBytes, ...(attempts && { attempts }) })
  cuts = [6000, 0]
  await expect(pull(1)).rejects.toThrowError(coded('url_broken', '6000 bytes'))
  await pull()
  expect(ranges.at(-1)).toBe('bytes=6000-')
  expect(readFileSync(target)).toEqual(content)
  cuts = [6000, 0]
  await expect(pull(1)).rejects.toThrowError(coded('url_broken'))
  etag = '"two"'
  await pull()
  expect(readFileSync(target)).toEqual(content)
  // Without a tag nothing says that the bytes are the same, so none are asked to go on.
  etag = undefined
  cuts = [6000]
  await pull()
  expect(ranges.at(-1)).toBeUndefined()
  expect(readFileSync(target)).toEqual(content)
})

test('another digest, an address without a file and no server are told apart', async () => {
  const target = join(folder, 'a.gguf')
  await expect(pullUrl(`${url}#sha256=${'0'.repeat(64)}`, target, { onBytes })).rejects.toThrowError(coded('url_corrupt', digest))
  expect(existsSync(target)).toBe(false)
  await expect(pullUrl(`${url}x`, target, { onBytes })).rejects.toThrowError(coded('url_refused', '404'))
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
  await expect(pullUrl(url, target, { onBytes, attempts: 1 })).rejects.toThrowError(coded('url_broken', '0 bytes'))
})

import { expect, test } from 'vitest'
import { deadlineExceeded } from '../../errors.ts'
import { readMultipart } from './read-multipart.ts'

const encoder = new TextEncoder()

/** A body in pieces of at most so many bytes. */
const inPieces = (bytes: Uint8Array, most: number): ReadableStream<Uint8Array> => {
  let at = 0
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close()
      controller.enqueue(bytes.slice(at, at + most))
      at += most
    },
  })
}

const requestOf = (body: BodyInit, type: string): Request =>
  new Request('http://edge', { method: 'POST', body, headers: { 'content-type': type }, duplex: 'half' } as RequestInit)

const read = async (body: string | Uint8Array, { type = 'multipart/form-data; boundary=b', most = 1 << 16, limit = 1 << 20 } = {}) => {
  const bytes = typeof body === 'string' ? encoder.encode(body.replaceAll('\n', '\r\n')) : body
  const parts = []
  for await (const { name, filename, content } of readMultipart(requestOf(inPieces(bytes, most), type), limit)) {
    const pieces = []
    for await (const piece of content) pieces.push(piece.slice())
    parts.push({ name, filename, bytes: new Uint8Array(await new Blob(pieces).arrayBuffer()) })
  }
  return parts
}

/** Of bytes that boundaries are made of, so that near misses are many. */
const tricky = (length: number, random: () => number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, () => encoder.encode('\r\n--b"ü')[Math.floor(random() * 8)]!)

function* numbers(): Generator<number, never> {
  for (let seed = 7; ; ) yield (seed = (seed * 16807) % 2147483647) / 2147483647
}

test('reads any form that the platform writes, however it is cut into pieces', async () => {
  const source = numbers()
  const random = () => source.next().value
  for (let round = 0; round < 60; round++) {
    const form = new FormData()
    for (let n = 0; n < 1 + 4 * random(); n++) {
      const bytes = tricky(Math.floor(random() * 300), random)
      if (random() < 0.3) form.append(`text "${n}"`, new TextDecoder().decode(bytes.map((byte) => byte & 0x7f)).replaceAll(/\r\n?|\n/g, '\r\n'))
      else form.append(`file ${n}`, new File([bytes], ['a.jsonl', 'с кавычкой ".jsonl', 'back\\slash', 'a;b=c', ''][n]!))
    }
    const sent = new Response(form)
    const type = sent.headers.get('content-type')!
    const body = new Uint8Array(await sent.arrayBuffer())
    const expected = []
    for (const [name, value] of form)
      expected.push(
        typeof value === 'string'
          ? { name, filename: undefined, bytes: encoder.encode(value) }
          : { name, filename: value.name, bytes: new Uint8Array(await value.arrayBuffer()) },
      )
    for (const most of [1, 2, 7, 64, body.length]) expect(await read(body, { type, most })).toEqual(expected)
  }
})

test('what stands before, between and after is passed over, and names come as they are written', async () => {
  const body =
    'a preamble\n--b  \ncontent-type: text/plain\nContent-Disposition: form-data; name=bare\n\none\n--b\n' +
    'content-disposition: form-data; filename*=UTF-8\'\'%D1%8F.jsonl; name="a \\"b\\" %22c%22"\n\n\n--b--\nan epilogue'
  const parts = await read(body)
  expect(parts.map(({ name, filename }) => [name, filename])).toEqual([
    ['bare', undefined],
    ['a "b" "c"', 'я.jsonl'],
  ])
  expect(parts.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(['one', ''])
})

test('a part that nobody reads, or not to its end, is passed over', async () => {
  const part = (name: string) => `--b\ncontent-disposition: form-data; name="${name}"\n\n${name.repeat(50)}\n`
  for (const most of [1, 30, 1000]) {
    const body = encoder.encode(`${['a', 'b', 'c', 'd'].map(part).join('')}--b--`.replaceAll('\n', '\r\n'))
    const names = []
    for await (const { name, content } of readMultipart(requestOf(inPieces(body, most), 'multipart/form-data; boundary=b'), 10_000)) {
      names.push(name)
      if (name === 'b') for await (const _ of content) break
      if (name === 'c') await content.next()
    }
    expect(names).toEqual(['a', 'b', 'c', 'd'])
  }
})

const head = '--b\ncontent-disposition: form-data; name="file"\n\n'

test.each([
  ['nothing', '', 'it ends before its last boundary'],
  ['no boundary', 'text', 'it ends before its last boundary'],
  ['half a part', `${head}text`, 'it ends before its last boundary'],
  ['a head without an end', '--b\ncontent-disposition: form-data', 'it ends before its last boundary'],
  ['a part without a name', '--b\ncontent-type: text/plain\n\ntext\n--b--', 'a part has no name'],
  ['a boundary that goes on', `${head}text\n--bb--\n`, 'after a boundary the line goes on'],
  ['an endless line', `--b\ncontent-disposition: ${'a'.repeat(140_000)}\n\n\n--b--`, "a line of a part's head has more than 131072 bytes"],
  ['an endless head', `--b\n${'a: b\n'.repeat(40)}\n\n--b--`, "a part's head has more than 32 lines"],
])('a body of %s is refused with what is wrong', async (_, body, why) => {
  for (const most of [body.length > 1000 ? 999 : 1, 1000])
    await expect(read(body, { most })).rejects.toMatchObject({ code: 'invalid_request', status: 400, message: expect.stringContaining(why) })
})

test('without a boundary, or beyond what is allowed, with and without a length', async () => {
  await expect(read('', { type: 'multipart/form-data' })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('names no boundary'),
  })
  await expect(read(`${head}${'a'.repeat(100)}\n--b--`, { limit: 100 })).rejects.toMatchObject({ code: 'file_too_large', status: 413 })
})

test('whatever stands after the last boundary is read to its end, and counts as the rest does', async () => {
  const body = encoder.encode(`--b\r\ncontent-disposition: form-data; name="a"\r\n\r\none\r\n--b--\r\n${'e'.repeat(1000)}`)
  for (const most of [1, 64, body.length - 1]) {
    const request = requestOf(inPieces(body, most), 'multipart/form-data; boundary=b')
    const names = []
    for await (const { name } of readMultipart(request, body.length)) names.push(name)
    expect(names).toEqual(['a'])
    expect(await request.body!.getReader().read()).toEqual({ done: true, value: undefined })
    await expect(read(body, { most, limit: body.length - 1 })).rejects.toMatchObject({ code: 'file_too_large' })
  }
})

const script = (bytes: Uint8Array): ReadableStream => new ReadableStream({ start: (controller) => controller.enqueue(bytes) })
const platform = (bytes: Uint8Array): ReadableStream => {
  const { readable, writable } = new IdentityTransformStream()
  void writable.getWriter().write(bytes)
  return readable
}

test.each([
  ['script', script, deadlineExceeded(50), 'deadline_exceeded'],
  ['script', script, new DOMException('it has left', 'AbortError'), 'client_closed_request'],
  ['platform', platform, deadlineExceeded(50), 'deadline_exceeded'],
])('a body that stalls is left when nobody waits for it any more: a stream of the %s', async (_, stalling, reason, code) => {
  const left = new AbortController()
  const request = requestOf(stalling(encoder.encode(`${head.replaceAll('\n', '\r\n')}text`)), 'multipart/form-data; boundary=b')
  const reading = (async () => {
    for await (const { content } of readMultipart(request, 1000, left.signal)) for await (const _ of content);
  })()
  setTimeout(() => left.abort(reason), 50)
  await expect(reading).rejects.toMatchObject({ code })
  expect(request.body!.locked).toBe(false)
})

test('what is left of a body that is refused can be read by others', async () => {
  const request = requestOf(inPieces(encoder.encode(`--b\r\nno name\r\n\r\n${'a'.repeat(1000)}`), 50), 'multipart/form-data; boundary=b')
  const parts = readMultipart(request, 10_000)
  await expect(parts.next()).rejects.toMatchObject({ code: 'invalid_request' })
  let left = 0
  for await (const piece of request.body!) left += piece.byteLength
  expect(left).toBeGreaterThan(900)
})

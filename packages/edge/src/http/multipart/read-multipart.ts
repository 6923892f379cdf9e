import { isWeftError } from '@weft/protocol'
import { bodyTooLarge, clientLeft, invalidRequest } from '../../errors.ts'
import { checkUnencoded } from '../body.ts'
import { type Parameters, parameters } from './parameters.ts'
import { PiecewiseBytes } from './piecewise-bytes.ts'

/** One field of a form. */
export interface Part {
  name: string
  /** Of a file; undefined of a text. */
  filename: string | undefined
  /** To be read before the next part; what is left unread is passed over. */
  content: AsyncGenerator<Uint8Array, void>
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const broken = (why: string) => invalidRequest(`the multipart body cannot be read: ${why}`)

/** By its content-type, whose words are written in any case. */
export const isMultipart = ({ headers }: Request): boolean => /^multipart\/form-data\s*(;|$)/i.test(headers.get('content-type') ?? '')

/**
 * The parts of a body of `multipart/form-data` (RFC 7578), as they come: nothing but the piece at hand is held, where the platform's `formData()` holds all of
 * it several times. After the last, the body has been read to its end; after an error its rest is there for whoever reads it on.
 * Errors: 400 `invalid_request` for what is no form, 413 `file_too_large` past `limit` bytes, whether or not that was announced.
 * @param signal that nobody waits for it any more. A body that stalls ends by nothing else: Node does not tell of one whose request has been answered
 */
export async function* readMultipart(request: Request, limit: number, signal?: AbortSignal): AsyncGenerator<Part, void> {
  checkUnencoded(request)
  const { boundary } = parameters(request.headers.get('content-type') ?? '')
  if (!boundary) throw broken('its content-type names no boundary')
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit) throw bodyTooLarge(announced, limit)
  if (!request.body) throw broken('there is none')
  const reader = request.body.getReader()
  const leave = (): void => {
    try {
      reader.releaseLock()
    } catch {
      // Of a Worker's own streams no read can be given up.
      reader.cancel(signal?.reason).catch(() => {})
    }
  }
  signal?.addEventListener('abort', leave, { once: true })
  try {
    // A line break is a part of the boundary, and the first may stand at the very beginning.
    const bytes = new PiecewiseBytes(counted(reader, limit, signal), encode('\r\n'), broken)
    const delimiter = encode(`\r\n--${boundary}`)
    let content = bytes.until(delimiter)
    for (;;) {
      for await (const _ of content);
      if (await bytes.skip(encode('--'))) return await bytes.end()
      if ((await bytes.line()).some((byte) => byte !== 32 && byte !== 9)) throw broken('after a boundary the line goes on')
      const { name, filename } = await disposition(bytes)
      let isRead = false
      const whole = bytes.until(delimiter)
      content = (async function* () {
        yield* whole
        isRead = true
      })()
      yield { name, filename, content }
      // Whoever stopped in the middle of it has ended what reads it.
      if (!isRead) content = bytes.until(delimiter)
    }
  } finally {
    signal?.removeEventListener('abort', leave)
    reader.releaseLock()
  }
}

/** A part's content, all of it. */
export async function bytesOf(content: Part['content']): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of content) pieces.push(piece)
  const bytes = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.byteLength
  }
  return bytes
}

/** A reader's pieces, of which there are `limit` bytes at most. */
function counted(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number, signal?: AbortSignal): () => Promise<Uint8Array | undefined> {
  let bytes = 0
  return async () => {
    const { done, value } = await reader.read().catch((error) => {
      throw left(signal) ?? (isWeftError(error) ? error : broken(error.message))
    })
    if (signal?.aborted) throw left(signal)
    if (done) return undefined
    bytes += value.byteLength
    if (bytes > limit) throw bodyTooLarge(undefined, limit)
    return value
  }
}

/** Why nobody waits any more, if that is so. */
const left = (signal: AbortSignal | undefined): Error | undefined =>
  signal?.aborted ? (isWeftError(signal.reason) ? (signal.reason as Error) : clientLeft()) : undefined

/** Reads a part's head. Of its fields none but `content-disposition` says anything here. */
async function disposition(bytes: PiecewiseBytes): Promise<Pick<Part, 'name' | 'filename'>> {
  let found: Parameters | undefined
  for (let fields = 0; ; fields++) {
    const line = new TextDecoder().decode(await bytes.line())
    if (line === '') break
    if (fields === mostFields) throw broken(`a part's head has more than ${mostFields} lines`)
    if (/^content-disposition:\s*form-data\s*(;|$)/i.test(line)) found = parameters(line)
  }
  if (found?.name === undefined) throw broken('a part has no name: "content-disposition: form-data; name=…" is expected in its head')
  return { name: found.name, filename: found['filename*'] ?? found.filename }
}

const mostFields = 32

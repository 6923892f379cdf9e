import { jsonFault, parseExactly, toWire, type WeftError } from '@weft/adapters'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { invalidJson, invalidRequest, requestTooLarge, unexpectedBody } from '../errors.ts'
import type { Variables } from './variables.ts'

/** Bytes of a JSON body: a few hundred long mails, and far less than an isolate's memory. */
export const longestJson = 8 * 2 ** 20

/** What a host may bring beside its bindings. */
export interface HostEnv {
  /** Resolves when a body of so many bytes may be read: where one process answers everybody, large ones that come together would hold all others up. */
  ownTurn?: (bytes: number) => Promise<void>
}

/**
 * The body as JSON, as the wire spells it. Errors 400 `invalid_json`, 413 `request_too_large`.
 * @param whenEmpty what a body of no bytes stands for, however it was sent; refused when absent
 */
export async function readJson(c: Context, { whenEmpty }: { whenEmpty?: unknown } = {}): Promise<unknown> {
  const bytes = await readBytes(c.req.raw, longestJson, () => requestTooLarge(longestJson))
  await (c.env as HostEnv | undefined)?.ownTurn?.(bytes.byteLength)
  const text = textOf(bytes)
  if (text === '' && whenEmpty !== undefined) return whenEmpty
  const json = parsed(text)
  const fault = jsonFault(text, json)
  if (fault !== undefined) throw invalidJson(fault)
  return json
}

/** Error 400 `invalid_request` for a body in an encoding: whatever it is, it would be taken for something broken. */
export function checkUnencoded({ headers }: Request): void {
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    throw invalidRequest(
      `bodies are read as they are, and this one is sent as ${JSON.stringify(encoding.slice(0, 40))}. Send it without an encoding.`,
      'content-encoding',
    )
}

const parsed = (text: string): unknown => {
  try {
    return parseExactly(text)
  } catch (error) {
    throw invalidJson((error as Error).message)
  }
}

/** Bytes that are no UTF-8 would be read as other characters, and those answered. */
const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw invalidJson('it is not UTF-8')
  }
}

/** Where no body is taken: error 400 `unexpected_body` for one that says something. */
export async function readNoBody(c: Context): Promise<void> {
  const text = new TextDecoder().decode(await readBytes(c.req.raw, longestJson, () => requestTooLarge(longestJson)))
  // Trimmed before, and not by the pattern: two runs of blanks beside each other can be parted in as many ways as there are blanks.
  if (!/^(\{\s*\})?$/.test(text.trim())) throw unexpectedBody()
}

/** A camelCase value as the answer's snake_case JSON, by the schema that the endpoint is described with. */
export const sendJson = (c: Context<Variables>, value: unknown, status: ContentfulStatusCode = 200): Response => c.json(toWire(c.get('answer'), value), status)

/**
 * A whole body, held once: `arrayBuffer()` holds the pieces beside what they are put together in. Error 400 `invalid_request` for one in an encoding.
 * @param tooLarge the error, 413, for more than `limit` bytes, whether or not that was announced
 */
export async function readBytes(request: Request, limit: number, tooLarge: (bytes: number | undefined) => WeftError): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(request.headers.get('content-length') ?? 0)
  if (announced > limit) throw tooLarge(announced)
  let bytes = new Uint8Array(announced)
  if (!request.body) return bytes.slice(0, 0)
  let filled = 0
  const reader = request.body.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      if (filled === 0) checkUnencoded(request)
      const end = filled + read.value.byteLength
      if (end > limit) throw tooLarge(undefined)
      if (end > bytes.length) {
        const grown = new Uint8Array(Math.min(limit, Math.max(end, 2 * bytes.length)))
        grown.set(bytes.subarray(0, filled))
        bytes = grown
      }
      bytes.set(read.value, filled)
      filled = end
    }
  } finally {
    // What is left of it after an error is there for whoever reads it on.
    reader.releaseLock()
  }
  return filled === bytes.length ? bytes : bytes.slice(0, filled)
}

import { parseExactly } from '@weft/adapters'
import type { Context } from 'hono'
import { bodyTooLarge, invalidJson } from '../errors.ts'

/**
 * Reads a body up to a limit. The declared length is believed only when it is too large already:
 * what counts is what arrives.
 * @throws WeftError `body_too_large`
 */
export async function readBytes(c: Context, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(c.req.header('content-length') ?? 0) > limit) throw bodyTooLarge(limit)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of c.req.raw.body ?? []) {
    if ((size += chunk.byteLength) > limit) throw bodyTooLarge(limit)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** @throws WeftError `invalid_json`, `body_too_large` */
export async function readJson(c: Context, limit: number): Promise<unknown> {
  const bytes = await readBytes(c, limit)
  try {
    return parseExactly(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw invalidJson((cause as Error).message)
  }
}

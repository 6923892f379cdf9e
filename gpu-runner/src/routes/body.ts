import { parseExactly } from '@weft/adapters'
import type { Context } from 'hono'
import { bodyTooLarge, clientLeft, invalidJson } from '../errors.ts'
import type { RequestEnv } from './request-signal.ts'

/**
 * Reads a body up to a limit. A declared length refuses what is too large, or finds no room beside the bodies in hands, before it is read;
 * it is not believed to be all that arrives.
 * @throws WeftError `body_too_large`, `too_many_waiting`, `client_left` where it breaks off
 */
export async function readBytes(c: Context, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(c.req.header('content-length') ?? 0)
  if (declared > limit) throw bodyTooLarge(limit)
  const holds: RequestEnv['Variables']['holds'] = c.get('holds')
  if (declared > 0) holds?.(declared)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of coming(c)) {
    const before = Math.max(size, declared)
    if ((size += chunk.byteLength) > limit) throw bodyTooLarge(limit)
    if (size > before) holds?.(size - before)
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

/** A body that breaks off has nobody who would send the rest, or read an answer. */
async function* coming(c: Context): AsyncGenerator<Uint8Array> {
  try {
    yield* c.req.raw.body ?? []
  } catch {
    const signal: RequestEnv['Variables']['signal'] = c.get('signal')
    throw signal.aborted ? signal.reason : clientLeft()
  }
}

/** @throws WeftError `invalid_json`, `body_too_large`, `too_many_waiting` */
export async function readJson(c: Context, limit: number): Promise<unknown> {
  const bytes = await readBytes(c, limit)
  try {
    return parseExactly(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw invalidJson((cause as Error).message)
  }
}

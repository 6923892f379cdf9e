import { isWeftError } from '@weft/protocol'
import { storageFull } from '../errors.ts'
import { Patience } from '../patience.ts'
import { databaseFault } from './sql/database-fault.ts'

/** Longest wait for a store. Local R2 never answers a write for which the disk has no room. */
const longestWaitMs = 60_000

/** What a write gives. Where the store does not take it, what is wrong with it as a whole; else error 507 `storage_full`: few stores say more than that it failed. */
export async function written<T>(write: Promise<T>, waitMs = longestWaitMs): Promise<T> {
  const timeout = Promise.withResolvers<never>()
  const timer = setTimeout(() => timeout.reject(new Error(`no answer for ${waitMs} ms`)), waitMs)
  try {
    return await Promise.race([write, timeout.promise])
  } catch (error) {
    throw told(error)
  } finally {
    clearTimeout(timer)
  }
}

/** The same of a write that takes content as it comes: it may take each piece so long. How long a piece is on its way says nothing about the store. */
export async function writtenFrom<T>(
  content: AsyncIterable<Uint8Array>,
  write: (pieces: AsyncIterable<Uint8Array>) => Promise<T>,
  waitMs = longestWaitMs,
): Promise<T> {
  const stalled = Promise.withResolvers<never>()
  const patience = new Patience(waitMs, () => stalled.reject(new Error(`no answer for ${waitMs} ms`)))
  async function* taken(): AsyncGenerator<Uint8Array> {
    patience.heard()
    for await (const piece of content) {
      patience.waits()
      yield piece
      patience.heard()
    }
    patience.waits()
  }
  patience.waits()
  try {
    return await Promise.race([write(taken()), stalled.promise])
  } catch (error) {
    throw told(error)
  } finally {
    patience.end()
  }
}

const told = (error: unknown): unknown => (isWeftError(error) ? error : (databaseFault(error) ?? storageFull(error)))

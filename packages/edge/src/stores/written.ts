import { isWeftError } from '@weft/protocol'
import { storageFull } from '../errors.ts'
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
    throw isWeftError(error) ? error : (databaseFault(error) ?? storageFull(error))
  } finally {
    clearTimeout(timer)
  }
}
